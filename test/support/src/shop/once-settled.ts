import { isPassing, type Violation } from '@millrace/books';

const settleDelayMs = 250;

/**
 * Repeats the check until no violation is left that may disappear, at most until the limit.
 * Resolves to the last result.
 */
export async function onceSettled(
  look: () => Promise<readonly Violation[]>,
  limitMs: number,
): Promise<readonly Violation[]> {
  const limit = performance.now() + limitMs;
  for (;;) {
    const found = await look();
    if (!found.some(isPassing) || performance.now() > limit) return found;
    await new Promise((resolve) => setTimeout(resolve, settleDelayMs));
  }
}
