/** Asks the browser not to clear what is kept; whether it agrees. Where nothing is ever cleared it is so anyway. */
export async function persist(): Promise<boolean> {
  const storage = globalThis.navigator?.storage;
  return storage?.persist === undefined || storage.persist();
}
