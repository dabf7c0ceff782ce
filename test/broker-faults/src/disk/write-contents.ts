import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DiskContents } from './disk-image.ts';

/** Creates a folder with exactly these contents. */
export function writeContents(folder: string, contents: DiskContents): void {
  mkdirSync(folder, { recursive: true });
  for (const [path, bytes] of contents)
    if (bytes === 'folder') mkdirSync(join(folder, path));
    else writeFileSync(join(folder, path), bytes);
}

export function readContents(folder: string): DiskContents {
  const found = new Map<string, Buffer | 'folder'>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    found.set(path.slice(folder.length + 1), entry.isDirectory() ? 'folder' : readFileSync(path));
  }
  return found;
}

/**
 * The lock names this process, which is alive. Changes the start time in it, as if an earlier
 * process with the same id had written it.
 */
export function ofDeadProcess(contents: DiskContents): DiskContents {
  const lock = contents.get('.lock');
  if (!Buffer.isBuffer(lock) || lock.length === 0) return contents;
  return new Map(contents).set('.lock', Buffer.from(lock.toString().replace(/\/\d+"/, '/1"')));
}
