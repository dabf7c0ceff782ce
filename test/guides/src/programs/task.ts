/** The one argument of a program, written by `startProgram`. A test that is gone takes its programs along. */
export function readTask<Task extends object>(): Task {
  process.stdin.resume().once('end', () => process.exit());
  return JSON.parse(process.argv[2] ?? '{}') as Task;
}

/** Resolves once the test says `go`. To be called right after `readTask`. */
export const told = (): Promise<void> =>
  new Promise((resolve) => process.stdin.once('data', () => resolve()));

/** kill -9, from here and now: nothing is flushed, answered, committed or closed after it. */
export function dieHere(): Promise<never> {
  process.kill(process.pid, 'SIGKILL');
  return new Promise<never>(() => undefined); // the signal is on its way
}
