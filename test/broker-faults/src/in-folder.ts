import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Works in a temporary folder, which is removed afterwards. */
export const inFolder = <Result>(work: (folder: string) => Promise<Result>): Promise<Result> =>
  inFolderBelow(tmpdir(), work);

const memory = '/dev/shm';

/**
 * Works in a folder in memory, if the machine has such a place. It suits work that never waits for
 * a disk.
 */
export const inMemoryFolder = <Result>(work: (folder: string) => Promise<Result>): Promise<Result> =>
  inFolderBelow(existsSync(memory) ? memory : tmpdir(), work);

async function inFolderBelow<Result>(
  parent: string,
  work: (folder: string) => Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(join(parent, 'millrace-faults-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
