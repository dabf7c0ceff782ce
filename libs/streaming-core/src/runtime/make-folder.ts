import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** No process can create a folder at the path, whatever its rights. The message says why. */
export class FolderError extends Error {
  override readonly name = 'FolderError';
}

/**
 * Creates a folder and its missing parents. Throws `FolderError`, or the system's error if the
 * rights or the space are missing. Does not use `recursive` of `mkdirSync`, which never returns for
 * a path below `/proc`: every name there seems to have a parent, and none can be created.
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
    if (code === 'EEXIST' && isFolder(folder)) return; // another process created it first
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
