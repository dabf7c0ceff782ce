import { closeSync, fsyncSync, openSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Makes one sync of what is at a path, unless it may not be made. */
export type SyncGuard = (path: string, sync: () => Promise<void>) => Promise<void>;

const unguarded: SyncGuard = (_, sync) => sync();

/** Replaces a small file so that a crash leaves the old or the new one, whole; the new one is on disk when it resolves. */
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
      `${path} was replaced, but which of the two a crash would leave is not known: its folder could not be synced`,
      {
        cause,
      },
    );
  });
}

/** Makes durable what was written to a file, or new, renamed and removed names in a folder. Without a descriptor for it nothing was synced, and nothing was lost. */
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
