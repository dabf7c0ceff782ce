import { isPassing, type Violation } from '@millrace/books';

const settleDelayMsMin = 250;
const settleDelayMsMax = 1_000;

/**
 * Repeats the check, at growing intervals, until no violation is left that may disappear, at most
 * until the limit. Resolves to the last result.
 */
export async function onceSettled(
  look: () => Promise<readonly Violation[]>,
  limitMs: number,
): Promise<readonly Violation[]> {
  const limit = performance.now() + limitMs;
  for (let delayMs = settleDelayMsMin; ; delayMs = Math.min(delayMs * 1.5, settleDelayMsMax)) {
    const found = await look();
    if (!found.some(isPassing) || performance.now() > limit) return found;
    await new Promise((resolve) => setTimeout(resolve, delayMs));
  }
}
