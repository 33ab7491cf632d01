// Moments and days in words.

import type { DateOrTime, Timestamp } from "kanban-crdt/page";
import type { Language } from "../settings.js";
import { useWords } from "../words/index.js";

const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** As in "5 minutes ago". Clocks differ a little, so nothing is ever in the future. */
export function ago(at: Timestamp, now: number, language: Language): string {
  const format = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  const seconds = Math.max(0, now / 1000 - at);
  const step = STEPS.find(([, length]) => seconds >= length);
  return step ? format.format(-Math.floor(seconds / step[1]), step[0]) : useWords().common.justNow;
}

export function moment(at: Timestamp, language: Language): string {
  return new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(at * 1000);
}

const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;

/** When a date ends where the reader is. */
export function endOf(date: DateOrTime): number {
  const day = DAY.exec(date);
  if (!day) return Date.parse(date);
  return new Date(Number(day[1]), Number(day[2]) - 1, Number(day[3]), 23, 59, 59).getTime();
}

/** As in "12 Mar", with the year if it is another one; as written if it is no date. */
export function dayInWords(date: DateOrTime, now: number, language: Language): string {
  const end = endOf(date);
  if (Number.isNaN(end)) return date;
  const isThisYear = new Date(end).getFullYear() === new Date(now).getFullYear();
  const year = isThisYear ? {} : ({ year: "numeric" } as const);
  return new Intl.DateTimeFormat(language, { month: "short", day: "numeric", ...year }).format(end);
}
