/** A promise that a test settles itself. */
export function deferred<Value>(): { promise: Promise<Value>; resolve: (value: Value) => void } {
  let resolve!: (value: Value) => void;
  const promise = new Promise<Value>((settle) => (resolve = settle));
  return { promise, resolve };
}

/** Waits for a condition, with a limit. */
export async function until(condition: () => boolean | Promise<boolean>, waitMsMax = 10_000): Promise<void> {
  const deadline = Date.now() + waitMsMax;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`the condition did not come true within ${waitMsMax} ms`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
