import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

const pollDelayMs = 2;

/**
 * The test of a mutant waits for something that never happens, so `npm run verify -- mutants`
 * limits every wait.
 */
const waitMsMax = Number(process.env['MILLRACE_TEST_WAIT_MS_MAX'] ?? Infinity);

/**
 * Makes a function with which a test file waits for a condition: `const until = within(10_000)`. It
 * polls often, so that it sees conditions that hold only for a moment. It rejects at the limit,
 * naming what was awaited, and at once with whatever the condition throws.
 */
export const within =
  (limitMs: number) =>
  async (condition: () => boolean | Promise<boolean>, what = 'the condition'): Promise<void> => {
    const waitMs = Math.min(limitMs, waitMsMax);
    const deadline = performance.now() + waitMs;
    while (!(await condition())) {
      if (performance.now() > deadline) throw new Error(`waited ${waitMs} ms for ${what}`);
      await new Promise((resolve) => setTimeout(resolve, pollDelayMs));
    }
  };

const seenText = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? String(part) : part));

/**
 * Polls until the value is the wanted one, and returns it. Rejects at the limit with the last
 * value.
 */
export async function until<Value>(
  look: () => Promise<Value> | Value,
  wanted: (value: Value) => boolean,
  limitMs = 20_000,
): Promise<Value> {
  const waitMs = Math.min(limitMs, waitMsMax);
  const deadline = performance.now() + waitMs;
  for (;;) {
    const value = await look();
    if (wanted(value)) return value;
    if (performance.now() > deadline)
      throw new Error(`not within ${waitMs} ms; last seen: ${seenText(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/**
 * Waits until a figure that only grows has reached its goal. Rejects once it has not grown for
 * `stallMsMax`, so a busy machine may take its time as long as the work goes on.
 */
export async function untilReached(
  figure: () => Promise<number>,
  goal: number,
  stallMsMax = 20_000,
): Promise<void> {
  let reached = await figure();
  let grownAt = performance.now();
  while (reached < goal) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    const now = await figure();
    if (now > reached) {
      reached = now;
      grownAt = performance.now();
    } else if (performance.now() - grownAt > stallMsMax)
      throw new Error(`stayed at ${reached} of ${goal} for ${stallMsMax} ms`);
  }
}

/**
 * Settles as the promise does, but rejects once the limit has passed. `seen` is called then, and
 * says what the test waited for.
 */
export async function inTime<Value>(
  promise: Promise<Value>,
  seen: () => string,
  limitMs = 60_000,
): Promise<Value> {
  const waitMs = Math.min(limitMs, waitMsMax);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${waitMs} ms for ${seen()}`)), waitMs);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/**
 * Does the same for something that a process does, and rejects at once if the process exits before.
 */
export function beforeExit<Value>(
  child: ChildProcess,
  promise: Promise<Value>,
  seen: () => string,
): Promise<Value> {
  const exited = once(child, 'exit').then(() =>
    Promise.reject(new Error(`the process exited while the test waited for ${seen()}`)),
  );
  exited.catch(() => undefined);
  return inTime(Promise.race([promise, exited]), seen);
}
