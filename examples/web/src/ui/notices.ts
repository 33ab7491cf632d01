import { readonly, shallowRef, type ShallowRef } from "vue";
import { announce } from "./announcer.js";

export interface NoticeAction {
  readonly label: string;
  readonly run: () => void;
}

export interface NoticeOptions {
  readonly tone?: "info" | "problem";
  readonly action?: NoticeAction;
  /** It stays until somebody dismisses it. */
  readonly stays?: boolean;
}

export interface Notice extends NoticeOptions {
  readonly id: number;
  readonly text: string;
  readonly tone: "info" | "problem";
}

/** Long enough to read two sentences; problems, and what offers something, stay longer. */
const INFO_MS = 6_000;
const ACTION_MS = 12_000;
const PROBLEM_MS = 20_000;
const SHOWN_MAX = 3;

const notices = shallowRef<readonly Notice[]>([]);
const timers = new Map<number, ReturnType<typeof setTimeout>>();
let lastId = 0;

function dismiss(id: number): void {
  clearTimeout(timers.get(id));
  timers.delete(id);
  notices.value = notices.value.filter((notice) => notice.id !== id);
}

function tell(text: string, options: NoticeOptions = {}): number {
  const same = notices.value.find((notice) => notice.text === text);
  if (same) dismiss(same.id);
  const notice: Notice = { ...options, id: (lastId += 1), text, tone: options.tone ?? "info" };
  for (const old of notices.value.slice(0, -(SHOWN_MAX - 1))) if (!old.stays) dismiss(old.id);
  notices.value = [...notices.value, notice];
  if (!notice.stays) leaveAfter(notice);
  announce(notice.action ? `${text} ${notice.action.label}` : text);
  return notice.id;
}

function leaveAfter(notice: Notice): void {
  const shown = notice.tone === "problem" ? PROBLEM_MS : notice.action ? ACTION_MS : INFO_MS;
  timers.set(
    notice.id,
    setTimeout(() => dismiss(notice.id), shown),
  );
}

/** Somebody is reading them, or about to press their button. */
export function holdNotices(): void {
  for (const timer of timers.values()) clearTimeout(timer);
  timers.clear();
}

export function letNoticesGo(): void {
  for (const notice of notices.value) if (!notice.stays) leaveAfter(notice);
}

/** What the page has to tell, at its lower edge. */
export function useNotices(): {
  notices: Readonly<ShallowRef<readonly Notice[]>>;
  tell: typeof tell;
  dismiss: typeof dismiss;
} {
  return { notices: readonly(notices) as Readonly<ShallowRef<readonly Notice[]>>, tell, dismiss };
}
