import { rmSync } from 'node:fs';

/** Deletes the state of a task that is not open. */
export function deleteStateFile(path: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
}
