// What this device is set to: how the page looks, and in which language.

import { computed, ref, watchEffect } from "vue";

export type Theme = "system" | "light" | "dark";
export type Language = "en" | "ja";

const THEME_KEY = "kanban.theme";
const LANGUAGE_KEY = "kanban.language";

const isTheme = (text: string | null): text is Theme => text === "light" || text === "dark" || text === "system";
const isLanguage = (text: string | null): text is Language => text === "en" || text === "ja";

/** Private windows of some browsers let nothing be kept, nor asked for. */
export function recalled(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** Whether it could be kept. */
export function remember(key: string, value: string | undefined): boolean {
  try {
    if (value === undefined) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
    return true;
  } catch {
    return false;
  }
}

function firstTheme(): Theme {
  const kept = recalled(THEME_KEY);
  return isTheme(kept) ? kept : "system";
}

function keptLanguage(): Language | undefined {
  const kept = recalled(LANGUAGE_KEY);
  return isLanguage(kept) ? kept : undefined;
}

export const theme = ref<Theme>(firstTheme());
const chosenLanguage = ref<Language | undefined>(keptLanguage());

/** What was chosen, else the first of the browser's languages that there is. */
export const language = computed<Language>({
  get: () => chosenLanguage.value ?? browserLanguage(),
  set: (chosen) => {
    chosenLanguage.value = chosen;
    remember(LANGUAGE_KEY, chosen);
  },
});

/** How dates and numbers are written: as the browser's own variant of the language does. */
export const locale = computed(
  () => navigator.languages.find((tag) => tag.startsWith(language.value)) ?? language.value,
);

function browserLanguage(): Language {
  const known = navigator.languages.map((tag) => tag.slice(0, 2)).find(isLanguage);
  return known ?? "en";
}

export function setTheme(chosen: Theme): void {
  theme.value = chosen;
  remember(THEME_KEY, chosen);
}

/** Other tabs follow. */
function changedElsewhere({ key }: StorageEvent): void {
  if (key === THEME_KEY) theme.value = firstTheme();
  if (key === LANGUAGE_KEY) chosenLanguage.value = keptLanguage();
}

/** Applies them to the page, now and whenever they change. */
export function applySettings(): void {
  addEventListener("storage", changedElsewhere);
  watchEffect(() => {
    const root = document.documentElement;
    root.lang = language.value;
    if (theme.value === "system") root.removeAttribute("data-theme");
    else root.dataset["theme"] = theme.value;
    colourTheFrame();
  });
}

/** The browser's own frame, as on phones. */
function colourTheFrame(): void {
  const tags = document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]');
  for (const tag of tags) {
    const isDark = theme.value === "dark" || (theme.value === "system" && tag.media.includes("dark"));
    tag.content = isDark ? "#14181f" : "#f6f5f1";
  }
}
