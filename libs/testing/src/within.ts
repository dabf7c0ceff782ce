const pollDelayMs = 2;

/**
 * A test of a mutant waits for what will never be true, so `npm run verify -- mutants` shortens the
 * longest wait.
 */
const waitMsMax = Number(process.env['MILLRACE_TEST_WAIT_MS_MAX'] ?? Infinity);

/**
 * Makes a file's way to wait for a condition: `const until = within(10_000)`. Polls closely, so that what is true only for a moment is seen;
 * rejects at the limit, with what was waited for where it was named, and at once with what the condition throws.
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

/** Looks until what it sees is wanted, and returns it; rejects at the limit with what was seen last. */
export async function until<Value>(
  look: () => Promise<Value> | Value,
  wanted: (value: Value) => boolean,
  limitMs = 15_000,
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
 * Waits until a figure that only grows has reached its goal. Rejects once it has stood still for `stallMsMax`: a busy machine may take
 * its time, as long as the work goes on.
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
      throw new Error(`stands at ${reached} of ${goal} for ${stallMsMax} ms`);
  }
}
