import { readonly, shallowRef } from "vue";

export interface Question {
  readonly title: string;
  readonly text: string;
  /** What the button says that does it. */
  readonly action: string;
  readonly danger?: boolean;
  /** What the other button says, if not just to cancel. */
  readonly cancel?: string;
}

interface Asked extends Question {
  readonly answer: (isYes: boolean) => void;
}

const asking = shallowRef<Asked>();

/** What is being asked; `ConfirmHost` shows it. */
export const question = readonly(asking);

/** Asks whether something is to be done. One question at a time: a newer one answers the older with no. */
export function confirm(asked: Question): Promise<boolean> {
  asking.value?.answer(false);
  return new Promise((resolve) => {
    asking.value = {
      ...asked,
      answer: (isYes) => {
        asking.value = undefined;
        resolve(isYes);
      },
    };
  });
}
