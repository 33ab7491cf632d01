// Who is here: somebody with an account, somebody with a name only, or nobody yet.

import { computed, readonly, ref, shallowRef } from "vue";
import { recalled, remember } from "../settings.js";
import { api, onSignedOut } from "./api.js";
import { isKind } from "./problem.js";

/** How the relay knows people: by accounts, by tokens of an identity provider, or not at all. */
export type Mode = "accounts" | "jwt" | "open";

export interface Person {
  readonly name: string;
  readonly mode: Mode;
}

interface About {
  readonly mode: Mode;
  readonly needsInvitation: boolean;
}

const SESSION_KEY = "kanban.session";
/** A connection that is refused asks whether the session holds, not more often than this. */
const CHECK_EVERY_MS = 3_000;

const person = shallowRef<Person>();
const about = shallowRef<About>();
const isEnded = ref(false);
const isUnreachable = ref(false);
/** Who took this tab over from another one. */
const switchedTo = ref<string>();
let lastCheck = 0;

const phase = computed(() => {
  if (person.value) return "here";
  if (about.value) return "signed-out";
  return isUnreachable.value ? "unreachable" : "starting";
});

function kept(): Person | undefined {
  try {
    const found = JSON.parse(recalled(SESSION_KEY) ?? "null") as Partial<Person> | null;
    const isMode = found?.mode === "accounts" || found?.mode === "jwt" || found?.mode === "open";
    return typeof found?.name === "string" && isMode ? { name: found.name, mode: found.mode as Mode } : undefined;
  } catch {
    return undefined;
  }
}

function become(next: Person | undefined): void {
  isEnded.value = false;
  if (next?.name === person.value?.name && next?.mode === person.value?.mode) return;
  person.value = next;
  remember(SESSION_KEY, next && JSON.stringify(next));
}

async function askAbout(): Promise<About> {
  try {
    const { auth, sign_up } = await api.about();
    return { mode: auth, needsInvitation: sign_up !== "everybody" };
  } catch (error) {
    if (isKind(error, "unreachable")) throw error;
    // A relay that knows nobody has no such address.
    return { mode: "open", needsInvitation: false };
  }
}

/** Asks the relay who is here; what this device remembers holds until it answers. */
async function check(): Promise<void> {
  lastCheck = Date.now();
  try {
    about.value = await askAbout();
    isUnreachable.value = false;
    const { mode } = about.value;
    if (person.value && person.value.mode !== mode) become(undefined);
    if (mode !== "open") await askWho(mode);
  } catch (error) {
    if (!isKind(error, "unreachable")) throw error;
    isUnreachable.value = true;
  }
}

async function askWho(mode: Mode): Promise<void> {
  try {
    const { name } = await api.me();
    become({ name, mode });
  } catch (error) {
    if (!isKind(error, "not-signed-in")) throw error;
    isEnded.value = person.value !== undefined;
  }
}

/** Something hints that the session may have ended. */
function suspect(): void {
  if (person.value === undefined || person.value.mode === "open" || isEnded.value) return;
  if (Date.now() - lastCheck < CHECK_EVERY_MS) return;
  check().catch(reportError);
}

async function signIn(name: string, password: string): Promise<void> {
  await api.signIn(name, password);
  become({ name, mode: "accounts" });
}

async function signUp(name: string, password: string, invitation?: string): Promise<void> {
  await api.signUp(name, password, invitation);
  await signIn(name, password);
}

/**
 * Ends the session; boards, and changes that were not sent, stay on this device under the account, unless `lastly`
 * does something about them.
 */
async function logOut(lastly?: () => Promise<void>): Promise<void> {
  const { mode } = person.value ?? {};
  try {
    if (mode !== "open") await api.signOut();
  } catch (error) {
    // What has ended already needs no end.
    if (!isKind(error, "not-signed-in")) throw error;
  }
  await leave(lastly);
}

/** Deletes the account at the relay; what only it owned goes to the heir, if there is one. */
async function deleteAccount(password: string, heir: string | undefined, lastly: () => Promise<void>): Promise<void> {
  await api.deleteAccount(password, heir);
  await leave(lastly);
}

/** Other tabs leave before this one does something lastly. */
async function leave(lastly?: () => Promise<void>): Promise<void> {
  remember(SESSION_KEY, undefined);
  try {
    await lastly?.();
  } finally {
    become(undefined);
  }
  if (about.value === undefined) await check();
}

function callMe(name: string): void {
  become({ name, mode: "open" });
}

function changedElsewhere({ key }: StorageEvent): void {
  if (key !== SESSION_KEY && key !== null) return;
  const next = kept();
  if (next && person.value && next.name !== person.value.name) switchedTo.value = next.name;
  become(next);
  if (!next && about.value === undefined) check().catch(reportError);
}

/** Begins with what this device remembers, so that the app opens offline, and asks the relay. */
function start(): void {
  person.value = kept();
  onSignedOut(() => (isEnded.value = person.value !== undefined));
  addEventListener("storage", changedElsewhere);
  addEventListener("online", () => check().catch(reportError));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") suspect();
  });
  check().catch(reportError);
}

export const session = {
  person: readonly(person),
  about: readonly(about),
  phase,
  /** The relay does not know this person any more; their work goes on here until they sign in again. */
  isEnded: readonly(isEnded),
  isUnreachable: readonly(isUnreachable),
  switchedTo: readonly(switchedTo),
  start,
  check,
  suspect,
  signIn,
  signUp,
  logOut,
  deleteAccount,
  callMe,
};
