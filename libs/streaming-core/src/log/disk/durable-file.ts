import { closeSync, fsyncSync, openSync, fstatSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readFully, systemDisk } from './disk.ts';

/** Runs the sync of a path, if syncs are still allowed. */
export type SyncGuard = (path: string, sync: () => Promise<void>) => Promise<void>;

const unguarded: SyncGuard = (_, sync) => sync();

/**
 * Replaces a small file atomically: a crash leaves the whole old or the whole new file. The new one
 * is on disk when the promise resolves.
 */
export async function replaceFileDurably(
  path: string,
  content: string | Buffer,
  guard: SyncGuard = unguarded,
): Promise<void> {
  const draft = `${path}.tmp`;
  const file = await open(draft, 'w');
  try {
    await file.writeFile(content);
    await guard(draft, () => file.sync());
  } finally {
    await file.close();
  }
  await rename(draft, path);
  await syncFile(dirname(path), guard).catch((cause: unknown) => {
    throw new Error(
      `${path} was replaced, but its folder could not be synced: a crash may leave the old file or the new one`,
      {
        cause,
      },
    );
  });
}

/**
 * Syncs a file, or the new, renamed and removed names in a folder. If no descriptor is available,
 * nothing was synced and nothing is lost.
 */
export function syncFile(path: string, guard: SyncGuard = unguarded): Promise<void> {
  return guard(path, async () => {
    const file = await open(path, 'r');
    try {
      await file.sync();
    } finally {
      await file.close();
    }
  });
}

export function syncFolderNow(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

const nothing = Buffer.alloc(0);

/**
 * Reads a small file, or returns undefined if it does not exist. Does not check for it first, which
 * would be one more call for each file of each partition. Does not use `readFileSync`, which
 * allocates 64 KB for an empty file, and most indexes of a small log are empty.
 */
export function readIfPresent(path: string): Buffer | undefined {
  const file = openIfPresent(path);
  if (file === undefined) return undefined;
  try {
    const { size } = fstatSync(file);
    return size === 0 ? nothing : readFully(systemDisk, file, Buffer.allocUnsafe(size), 0);
  } finally {
    closeSync(file);
  }
}

function openIfPresent(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
