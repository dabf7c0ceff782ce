const pollDelayMs = 2;

/**
 * Makes a file's way to wait for a condition: `const until = within(10_000)`. Polls closely, so that what is true only for a moment is seen;
 * rejects at the limit, with what was waited for where it was named, and at once with what the condition throws.
 */
export const within =
  (limitMs: number) =>
  async (condition: () => boolean | Promise<boolean>, what = 'the condition'): Promise<void> => {
    const deadline = performance.now() + limitMs;
    while (!(await condition())) {
      if (performance.now() > deadline) throw new Error(`waited ${limitMs} ms for ${what}`);
      await new Promise((resolve) => setTimeout(resolve, pollDelayMs));
    }
  };
