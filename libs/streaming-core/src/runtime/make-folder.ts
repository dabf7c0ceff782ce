import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** There can be no folder at that path, whoever asks for it. The message says why. */
export class FolderError extends Error {
  override readonly name = 'FolderError';
}

/**
 * Creates a folder and the folders above it where they are missing. Throws `FolderError`, or what the system says of missing rights or room.
 * `mkdirSync` with `recursive` never returns below `/proc`, which has a parent for every name and takes none.
 */
export function makeFolder(path: string): void {
  const folder = resolve(path);
  if (isFolder(folder)) return;
  const parent = dirname(folder);
  makeFolder(parent);
  try {
    mkdirSync(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && isFolder(folder)) return; // another process was faster
    if (code === 'ENOENT' || code === 'EEXIST')
      throw new FolderError(`${folder} cannot be created in ${parent} (${code})`, { cause: error });
    throw error;
  }
}

function isFolder(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found !== undefined && !found.isDirectory()) throw new FolderError(`${path} is a file, not a folder`);
  return found !== undefined;
}
