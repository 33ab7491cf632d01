// Cards that others have changed since this person was here.

import type { CardId } from "kanban-crdt/page";
import { inject, provide, shallowRef, type InjectionKey, type ShallowRef } from "vue";

export interface Unread {
  readonly ids: ShallowRef<ReadonlySet<CardId>>;
  readonly has: (id: CardId) => boolean;
  readonly see: (id: CardId) => void;
}

const KEY: InjectionKey<Unread> = Symbol("unread");

export function provideUnread(): Unread {
  const ids = shallowRef<ReadonlySet<CardId>>(new Set());
  const unread: Unread = {
    ids,
    has: (id) => ids.value.has(id),
    see: (id) => {
      if (ids.value.has(id)) ids.value = new Set([...ids.value].filter((it) => it !== id));
    },
  };
  provide(KEY, unread);
  return unread;
}

export function useUnread(): Unread | undefined {
  return inject(KEY, undefined);
}
