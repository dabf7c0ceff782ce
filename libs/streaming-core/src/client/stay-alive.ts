const longestTimerMs = 2 ** 31 - 1;

/**
 * Holds the process until `work` settles. The clock's timers keep no process alive, so one that only waits for a broker (a setup step) would end in
 * the middle of its `await`, without a word.
 */
export async function stayAlive<Result>(work: Promise<Result>): Promise<Result> {
  const hold = setTimeout(() => undefined, longestTimerMs);
  try {
    return await work;
  } finally {
    clearTimeout(hold);
  }
}
