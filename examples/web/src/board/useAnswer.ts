// What a board answers, asked again whenever what the question depends on is another. A board whose worker is
// gone, or that is closed, answers no more: what it said last stays.

import { onScopeDispose, shallowRef, watchEffect, type ShallowRef } from "vue";
import { whileOpen } from "../panels/whileOpen.js";

/** `ask` is asked at once and may say that there is nothing to ask; answers that are overtaken do not count. */
export function useAnswer<T>(ask: () => Promise<T> | undefined): Readonly<ShallowRef<T | undefined>> {
  const answer = shallowRef<T>();
  let asked = 0;

  async function take(asking: Promise<T> | undefined): Promise<void> {
    const mine = (asked += 1);
    const found = asking && (await whileOpen(() => asking));
    if (mine === asked && (found !== undefined || asking === undefined)) answer.value = found;
  }

  watchEffect(() => {
    take(ask()).catch(reportError);
  });
  onScopeDispose(() => (asked += 1));
  return answer;
}
