import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A small file system. It needs Linux and root. */
export interface SmallDisk {
  readonly folder: string;
  grow(megabytes: number): void;
  unmount(): void;
}

/**
 * Mounts a file system of this many megabytes. Throws an error with the remedy if it lacks the
 * permission.
 */
export function mountSmallDisk(megabytes: number): SmallDisk {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder], { stdio: 'pipe' });
  } catch (cause) {
    rmdirSync(folder);
    throw new Error(
      'a small disk cannot be mounted: run this on Linux, as root (a container needs the capability SYS_ADMIN)',
      { cause },
    );
  }
  return {
    folder,
    grow: (size) => void execFileSync('mount', ['-o', `remount,size=${size}m`, folder], { stdio: 'pipe' }),
    unmount() {
      execFileSync('umount', ['--lazy', folder], { stdio: 'pipe' });
      rmdirSync(folder);
    },
  };
}
