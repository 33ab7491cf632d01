import { watchEffect } from "vue";
import { useWords } from "../words/index.js";

/** What the tab is called while a screen is shown. */
export function useTitle(title: () => string | undefined): void {
  const words = useWords();
  watchEffect(() => {
    const own = title();
    document.title = own ? `${own} · ${words.common.appName}` : words.common.appName;
  });
}
