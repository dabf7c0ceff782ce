const longestTimerMs = 2 ** 31 - 1;

let hold: NodeJS.Timeout | undefined;
let works = 0;

/**
 * Keeps the process alive until `endWork` has been called as often as this function. The clock's
 * timers do not keep it alive. Without this, a process that only waits for a broker, such as the
 * setup step, would exit in the middle of its `await` without a message.
 */
export function beginWork(): void {
  works += 1;
  if (works > 1) return;
  if (hold) hold.ref();
  else hold = setTimeout(() => undefined, longestTimerMs);
}

export function endWork(): void {
  works -= 1;
  if (works === 0) hold?.unref();
}

/** Keeps the process alive until `work` settles. */
export async function stayAlive<Result>(work: Promise<Result>): Promise<Result> {
  beginWork();
  try {
    return await work;
  } finally {
    endWork();
  }
}
