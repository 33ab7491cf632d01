import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";

/** Long enough for a loaded machine; a passing test waits for nothing but what it asks for. */
export const PATIENCE_MS = 30_000;

/**
 * Waits until `check` throws nothing, and returns what it returned. After the deadline its last
 * error is the caller's.
 */
export async function eventually(check, patience = PATIENCE_MS) {
  const deadline = Date.now() + patience;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await pause(20);
  }
}

/** `promise`, or an error that says what did not happen. */
export async function within(patience, what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not within ${patience} ms`)), patience);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits until the relay has acknowledged what somebody has, and returns the heads of that. */
export function isAcknowledged(person, url) {
  return eventually(async () => {
    const { heads } = await person.reads(url);
    const relay = await person.relayStorageId();
    assert.deepEqual(await person.knowsHeadsAt(url, relay), heads);
    return heads;
  });
}
