// What browsers call themselves, as people call them.

import { useWords } from "../../words/index.js";

/** Those that also call themselves like another come first. The relay cuts long texts off. */
const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/\bEdg(e|A|iOS)?\b/, "Edge"],
  [/\b(OPR|Opera)\b/, "Opera"],
  [/\bSamsungBrowser\b/, "Samsung Internet"],
  [/\b(Firefox|FxiOS)\b/, "Firefox"],
  [/\b(HeadlessChrome|Chrome|CriOS|Chromium)\b/, "Chrome"],
  [/\bVersion\/[\d.]+ .*(Safari|Mobile)/, "Safari"],
];

const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/\biPhone\b/, "iPhone"],
  [/\biPad\b/, "iPad"],
  [/\bAndroid\b/, "Android"],
  [/\bCrOS\b/, "ChromeOS"],
  [/\bWindows\b/, "Windows"],
  [/\b(Macintosh|Mac OS X)\b/, "Mac"],
  [/\bLinux\b/, "Linux"],
];

const words = useWords();

const named = (names: typeof BROWSERS, device: string) => names.find(([pattern]) => pattern.test(device))?.[1];

/** As in "Firefox on Windows"; what is no browser is called as it calls itself. */
export function deviceInWords(device: string): string {
  const browser = named(BROWSERS, device);
  const system = named(SYSTEMS, device);
  if (browser && system) return words.me.browserOn(browser, system);
  return browser ?? (device.trim() || words.me.unknownDevice);
}
