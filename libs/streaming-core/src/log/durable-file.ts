import { closeSync, fsyncSync, openSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Replaces a small file so that a crash leaves the old or the new one, whole; the new one is on disk when it resolves. */
export async function replaceFileDurably(path: string, content: string | Buffer): Promise<void> {
  const draft = `${path}.tmp`;
  const file = await open(draft, 'w');
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
  await syncFolder(dirname(path)).catch((cause: unknown) => {
    throw new Error(`${path} was replaced, but which of the two a crash would leave is not known: its folder could not be synced`, {
      cause,
    });
  });
}

/** Makes what was written to a file durable. */
export async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes new, renamed and removed names in a folder durable. */
export const syncFolder = (path: string): Promise<void> => syncFile(path);

export function syncFolderNow(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
