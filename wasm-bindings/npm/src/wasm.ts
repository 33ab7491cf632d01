// The program inside: loaded once, when it is first needed, never when a module is imported.

import { KanbanError } from "./errors.js";
import * as glue from "./kanban.js";

export type { BoardClient as WasmClient } from "./kanban.js";
export type Glue = typeof glue;

/** Bytes, a compiled module, or where to fetch it from. */
export type WasmSource = BufferSource | WebAssembly.Module | URL | Response | string;

type Loader = () => Promise<WasmSource>;

let source: WasmSource | undefined;
let loader: Loader | undefined;
let loading: Promise<Glue> | undefined;

/** Where an entry point finds the program, if nobody says otherwise. */
export function loadBy(by: Loader): void {
  loader = by;
}

/**
 * Loads the program inside from somewhere else than beside the package, for instance from a server of
 * your own. Call it before the first board is opened; without it nothing needs to be called.
 */
export async function init(from?: WasmSource): Promise<void> {
  source = from ?? source;
  await ready();
}

/** The program, once it is there. One that could not be loaded is tried again. */
export function ready(): Promise<Glue> {
  loading ??= load().catch((error: unknown) => {
    loading = undefined;
    throw new KanbanError("failed", `The program inside could not be loaded: ${String(error)}`, undefined, {
      cause: error,
    });
  });
  return loading;
}

async function load(): Promise<Glue> {
  const from = source ?? (await loader?.());
  if (from === undefined) throw new Error("say where it is, by init(…), before the first board is opened");
  await glue.default({ module_or_path: from });
  glue.keepPanics();
  return glue;
}

/**
 * How many bytes of memory the program inside has. It grows with the largest boards that were open at a time
 * and never shrinks; closing a board makes room for the next.
 */
export async function memoryBytes(): Promise<number> {
  const { memory } = await (await ready()).default({});
  return memory.buffer.byteLength;
}

/** What it said before it failed, if it can still be asked. */
function lastPanic(): string | undefined {
  try {
    return glue.lastPanic();
  } catch {
    return undefined;
  }
}

/** Those who must open their board anew after the program has failed. */
const survivors = new Set<(error: KanbanError) => void>();

export function survive(reopen: (error: KanbanError) => void): () => void {
  survivors.add(reopen);
  return () => survivors.delete(reopen);
}

/**
 * Calls the program. If it fails, so that nothing in it can be trusted any more, it starts anew, and
 * everybody opens their board again from what was stored.
 */
export function calling<T>(call: () => T): T {
  try {
    return call();
  } catch (thrown) {
    if (!(thrown instanceof WebAssembly.RuntimeError)) throw KanbanError.of(thrown);
    const words = lastPanic() ?? thrown.message;
    glue.__wbg_reset_state();
    glue.keepPanics();
    const message = `The program inside has failed, and every board is opened anew: ${words}`;
    const error = new KanbanError("crashed", message, undefined, { cause: thrown });
    for (const reopen of [...survivors]) reopen(error);
    throw error;
  }
}
