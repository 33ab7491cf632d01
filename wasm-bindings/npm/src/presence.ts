// Who else has a board open, and what they show of themselves. Never stored.

import { Listeners } from "./listeners.js";
import type { CardId } from "./model.js";
import { freeze } from "./view.js";
import type { WasmClient } from "./wasm.js";
import { now } from "./link.js";
import { onWindow } from "./window.js";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * What somebody shows. These are the names that boards of this project use; more may be shown beside them,
 * 8 KiB in all.
 */
export interface Presence {
  /** What to call the person: what they say, no proof of anything. */
  readonly name?: string;
  /** The card that they have open, edit or drag. */
  readonly card?: CardId;
  readonly doing?: "looking" | "editing" | "dragging";
  readonly [more: string]: Json | undefined;
}

/** Somebody else who has the board open: one for each of their windows. */
export interface Peer {
  /** Their connection, another after each load. */
  readonly peer: string;
  readonly presence: Presence;
}

/** Tells and hears who is here, through a client that may be another after a failure. */
export class Company {
  readonly #tell: (call: (client: WasmClient) => void) => void;
  readonly #listeners = new Listeners<readonly Peer[]>();
  readonly #listening = new AbortController();
  #others: readonly Peer[] = freeze([]);
  /** As JSON; `undefined` shows nothing, and nobody is looked for before there is something. */
  #shown: { readonly json: string | undefined } | undefined;
  #isAway = false;

  /** `tell` calls the client, if there is one to call. */
  constructor(tell: (call: (client: WasmClient) => void) => void) {
    this.#tell = tell;
    // A window that nobody looks at is nobody's; one that is closed must not stay for a while.
    onWindow((what) => {
      if (what === "shown" || what === "hidden") this.#away(what === "hidden");
    }, this.#listening.signal);
  }

  get others(): readonly Peer[] {
    return this.#others;
  }

  listen(listener: (others: readonly Peer[]) => void): () => void {
    return this.#listeners.add(listener);
  }

  show(presence: Presence | undefined): void {
    const before = this.#shown;
    this.#shown = { json: presence && JSON.stringify(presence) };
    try {
      this.#introduce();
    } catch (error) {
      this.#shown = before;
      throw error;
    }
  }

  /** There is another client, which knows nobody, and not what is shown. */
  begin(): void {
    if (this.#others.length > 0) this.changed([]);
    this.#introduce();
  }

  #introduce(): void {
    const json = this.#isAway ? undefined : this.#shown?.json;
    if (this.#shown) this.#tell((client) => client.show(json, now()));
  }

  /** Others are here, or show something else. */
  changed(others: readonly Peer[]): void {
    this.#others = freeze(others);
    this.#listeners.tell(this.#others);
  }

  close(): void {
    this.#listening.abort();
    this.#shown = { json: undefined };
    this.#introduce();
    this.#listeners.clear();
  }

  #away(isAway: boolean): void {
    if (isAway === this.#isAway) return;
    this.#isAway = isAway;
    this.#introduce();
  }
}
