const longestTimerMs = 2 ** 31 - 1;

/**
 * Keeps the process alive until `work` settles. The clock's timers do not do that. Without this
 * function, a process that only waits for a broker, such as the setup step, would exit in the
 * middle of its `await` without a message.
 */
export async function stayAlive<Result>(work: Promise<Result>): Promise<Result> {
  const hold = setTimeout(() => undefined, longestTimerMs);
  try {
    return await work;
  } finally {
    clearTimeout(hold);
  }
}
