// What the relay answers over HTTP.

export type Role = "reader" | "editor" | "owner";

export interface DocumentRow {
  readonly id: string;
  readonly role: Role;
  readonly title: string;
  readonly colour: string;
  readonly created_at: number;
  readonly members: number;
}

export interface MemberRow {
  readonly name: string;
  readonly role: Role;
}

export interface LinkRow {
  readonly id: string;
  readonly role: Role;
  readonly expires_at: number;
  readonly by: string;
}

export interface NewLink {
  readonly id: string;
  readonly token: string;
  readonly role: Role;
  readonly expires_at: number;
}

export interface AccountRow {
  readonly name: string;
  readonly admin: boolean;
  readonly created_at: number;
}

/** Somewhere that a person is logged in. */
export interface SessionRow {
  readonly id: string;
  /** What the browser or program calls itself, cut off. */
  readonly device: string;
  readonly created_at: number;
  /** When it was used last; the relay notes it once a day. */
  readonly used_at: number;
  /** It is this one. */
  readonly current: boolean;
}

/** What is in the way: a kind of the relay's, or `unreachable` if it did not answer. */
export class ApiProblem extends Error {
  override readonly name = "ApiProblem";

  constructor(
    readonly kind: string,
    readonly detail: string,
    readonly status?: number,
  ) {
    super(detail);
  }
}

const PATIENCE_MS = 15_000;
const KIND_PREFIX = "urn:kanban:problem:";

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** Who wants to hear that the relay does not know us any more. */
let signedOut: () => void = () => {};

export function onSignedOut(listener: () => void): void {
  signedOut = listener;
}

/** Asks the relay; what it answers is as its description says (`/api/openapi.json`). */
async function ask<Answer = void>(method: Method, path: string, body?: object): Promise<Answer> {
  const response = await reach(method, path, body);
  if (!response.ok) throw await problemOf(response);
  if (response.status === 204) return undefined as Answer;
  return (await response.json()) as Answer;
}

async function reach(method: Method, path: string, body?: object): Promise<Response> {
  try {
    return await fetch(`/api${path}`, {
      method,
      cache: "no-store",
      signal: AbortSignal.timeout(PATIENCE_MS),
      // The relay wants this of everything that changes something: no form of another page can send it.
      ...(method !== "GET" && { headers: { "content-type": "application/json" } }),
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  } catch (error) {
    throw new ApiProblem("unreachable", error instanceof Error ? error.message : String(error));
  }
}

async function problemOf(response: Response): Promise<ApiProblem> {
  const said = (await response.json().catch(() => ({}))) as { type?: unknown; detail?: unknown };
  const type = typeof said.type === "string" ? said.type : "";
  const kind = type.startsWith(KIND_PREFIX) ? type.slice(KIND_PREFIX.length) : "failed";
  const detail = typeof said.detail === "string" ? said.detail : `${response.status} ${response.statusText}`;
  // A proxy that stands before a relay that does not run answers for it.
  const isAbsent = type === "" && (response.status === 502 || response.status === 503 || response.status === 504);
  return new ApiProblem(isAbsent ? "unreachable" : kind, detail, response.status);
}

/** The same for what only makes sense for whoever is signed in. */
async function askAsMe<Answer = void>(method: Method, path: string, body?: object): Promise<Answer> {
  try {
    return await ask<Answer>(method, path, body);
  } catch (error) {
    if (error instanceof ApiProblem && error.kind === "not-signed-in") signedOut();
    throw error;
  }
}

const document = (id: string) => `/documents/${encodeURIComponent(id)}`;
const sessionOf = (id: string) => `/sessions/${encodeURIComponent(id)}`;
const member = (id: string, name: string) => `${document(id)}/members/${encodeURIComponent(name)}`;

export const api = {
  about: () => ask<{ auth: "accounts" | "jwt"; sign_up: "everybody" | "invitation" }>("GET", "/about"),
  me: () => ask<{ name: string }>("GET", "/me"),
  signUp: (name: string, password: string, invitation?: string) =>
    ask("POST", "/users", { name, password, ...(invitation && { invitation }) }),
  signIn: (name: string, password: string) => ask<{ expires_at: number }>("POST", "/sessions", { name, password }),
  signOut: () => ask("DELETE", sessionOf("current")),

  account: () => askAsMe<AccountRow>("GET", "/me"),
  setPassword: (current: string, next: string) => askAsMe("PUT", "/me/password", { current, new: next }),
  /** Boards that only this account owns go to the heir, if there is one. */
  deleteAccount: (password: string, heir?: string) => askAsMe("DELETE", "/me", { password, ...(heir && { heir }) }),
  sessions: async () => (await askAsMe<{ sessions: SessionRow[] }>("GET", "/sessions")).sessions,
  endSession: (id: string) => askAsMe("DELETE", sessionOf(id)),

  documents: async () => (await askAsMe<{ documents: DocumentRow[] }>("GET", "/documents")).documents,
  document: (id: string) => askAsMe<DocumentRow>("GET", document(id)),
  label: (id: string, label: { title?: string; colour?: string }) =>
    askAsMe<DocumentRow>("PATCH", document(id), label),
  deleteDocument: (id: string) => askAsMe("DELETE", document(id)),

  members: async (id: string) => (await askAsMe<{ members: MemberRow[] }>("GET", `${document(id)}/members`)).members,
  setMember: (id: string, name: string, role: Role) => askAsMe("PUT", member(id, name), { role }),
  removeMember: (id: string, name: string) => askAsMe("DELETE", member(id, name)),

  links: async (id: string) => (await askAsMe<{ links: LinkRow[] }>("GET", `${document(id)}/links`)).links,
  makeLink: (id: string, role: Role, expires_in: number) =>
    askAsMe<NewLink>("POST", `${document(id)}/links`, { role, expires_in }),
  takeLinkBack: (id: string, link: string) => askAsMe("DELETE", `${document(id)}/links/${encodeURIComponent(link)}`),
  joinBy: (token: string) => askAsMe<DocumentRow>("POST", "/links", { token }),
};
