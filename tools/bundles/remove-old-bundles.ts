import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { inUseMs, type Manifest } from './kept-bundle.ts';

/** The limits of the cache. The time of a bundle's folder is about the last start from it. */
export interface CacheLimits {
  readonly unusedMsMax: number;
  /** Bundles that may be in use are kept beyond this limit. */
  readonly bundlesPerGroupMax: number;
  /** The size of V8's compiled code. It is deleted as a whole, since no file names its bundle. */
  readonly compiledBytesMax: number;
}

export const cacheLimits: CacheLimits = {
  unusedMsMax: 14 * 24 * 60 * 60 * 1_000,
  bundlesPerGroupMax: 8,
  compiledBytesMax: 300_000_000,
};

/**
 * Bounds the cache. Deleting a bundle that a process runs from only costs it its source positions.
 */
export function removeOldBundles(bundles: string, limits: CacheLimits, now: number): void {
  for (const entry of readdirSync(bundles, { withFileTypes: true })) {
    const { name } = entry;
    if (!entry.isDirectory()) continue;
    const folder = join(bundles, name);
    if (name === 'compiled') removeLarge(folder, limits.compiledBytesMax);
    else removeOldOf(folder, limits, now);
  }
}

function removeOldOf(group: string, { unusedMsMax, bundlesPerGroupMax }: CacheLimits, now: number): void {
  const entries = readdirSync(group, { withFileTypes: true });
  const newestFirst = entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({ name, usedMs: statSync(join(group, name)).mtimeMs }))
    .sort((a, b) => b.usedMs - a.usedMs);
  newestFirst.forEach(({ name, usedMs }, index) => {
    const isSurplus = index >= bundlesPerGroupMax && usedMs < now - inUseMs;
    if (isSurplus || usedMs < now - unusedMsMax) rmSync(join(group, name), { recursive: true, force: true });
  });
  // Manifests whose folder is gone, and files that a killed process left half written, are useless.
  for (const { name } of entries.filter((entry) => entry.isFile())) {
    const file = join(group, name);
    const isUsed = name.endsWith('.json') && existsSync(join(group, folderNamedIn(file)));
    if (!isUsed && statSync(file).mtimeMs < now - inUseMs) rmSync(file, { force: true });
  }
}

function folderNamedIn(manifest: string): string {
  try {
    return (JSON.parse(readFileSync(manifest, 'utf8')) as Manifest).folder;
  } catch {
    return 'damaged';
  }
}

function removeLarge(folder: string, bytesMax: number): void {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true });
  const bytes = files
    .filter((file) => file.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
  if (bytes > bytesMax) rmSync(folder, { recursive: true, force: true });
}
