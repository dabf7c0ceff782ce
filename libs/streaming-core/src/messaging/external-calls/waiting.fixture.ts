import { within } from '@millrace/testing/within';

/** A promise that a test settles itself. */
export function deferred<Value>(): { promise: Promise<Value>; resolve: (value: Value) => void } {
  let resolve!: (value: Value) => void;
  const promise = new Promise<Value>((settle) => (resolve = settle));
  return { promise, resolve };
}

/** Waits for a condition, with a limit. */
export const until = within(20_000);
