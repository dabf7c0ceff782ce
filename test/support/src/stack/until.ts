const pollDelayMsMin = 10;
const pollDelayMsMax = 200;

/**
 * Polls a condition, at growing intervals. Rejects at the limit with an error that says `what` it
 * waited for, and at once with an error that the condition throws. If `what` is a function, it is
 * called at the limit and can describe the state found.
 */
export async function until(
  what: string | (() => string),
  limitMs: number,
  met: () => boolean | Promise<boolean>,
): Promise<void> {
  const limit = performance.now() + limitMs;
  for (let delayMs = pollDelayMsMin; !(await met()); delayMs = Math.min(delayMs * 1.5, pollDelayMsMax)) {
    if (performance.now() > limit)
      throw new Error(`waited ${limitMs} ms for ${typeof what === 'string' ? what : what()}`);
    await new Promise((resolve) => setTimeout(resolve, delayMs));
  }
}
