import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder that is gone when the work is done. */
export const inFolder = <Result>(work: (folder: string) => Promise<Result>): Promise<Result> =>
  inFolderBelow(tmpdir(), work);

const memory = '/dev/shm';

/** In memory where there is such a place: for what never waits for a disk. */
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
