// What people did and this device does not keep yet. Leaving now would lose it, so the browser asks first.

let underWay = 0;

function ask(event: BeforeUnloadEvent): void {
  event.preventDefault();
}

export async function untilKept<T>(change: () => Promise<T>): Promise<T> {
  underWay += 1;
  if (underWay === 1) addEventListener("beforeunload", ask);
  try {
    return await change();
  } finally {
    underWay -= 1;
    if (underWay === 0) removeEventListener("beforeunload", ask);
  }
}
