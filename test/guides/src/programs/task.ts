/** Reads the argument that `startProgram` passed. The program also ends when its test has ended. */
export function readTask<Task extends object>(): Task {
  process.stdin.resume().once('end', () => process.exit());
  return JSON.parse(process.argv[2] ?? '{}') as Task;
}

/** Resolves once the test calls `go`. Call it right after `readTask`. */
export const told = (): Promise<void> =>
  new Promise((resolve) => process.stdin.once('data', () => resolve()));

/**
 * Kills this process with SIGKILL, so that it flushes, answers, commits and closes nothing more.
 */
export function dieHere(): Promise<never> {
  process.kill(process.pid, 'SIGKILL');
  return new Promise<never>(() => undefined); // the signal is on its way
}
