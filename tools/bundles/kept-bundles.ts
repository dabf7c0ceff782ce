import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { groupsOf } from './groups.ts';

export interface BundlePlace {
  readonly workspace: string;
  /** The folder for the bundles of all workspaces. */
  readonly bundles: string;
  readonly node: string;
}

/** A file: its path, its size, and the time of its last change, which no program can set. */
export type FileState = readonly [path: string, size: number, changedMs: number];

/** The record of the latest bundles of a workspace. */
interface Manifest {
  readonly folder: string;
  /** The bundles, relative to their folder. A shorter file was not written to its end. */
  readonly bundles: readonly FileState[];
  /** The files that they were made from, relative to the workspace. */
  readonly inputs: readonly FileState[];
}

const dayMs = 24 * 60 * 60 * 1_000;
const keptMsMax = 14 * dayMs;
const keptMax = 16;
/** A process that is starting may load a bundle that is younger than this. */
const inUseMs = 10 * 60 * 1_000;
/** The size of V8's compiled code. It is deleted as a whole, since no file names its bundle. */
const compiledBytesMax = 300_000_000;

/** The file that describes the latest bundles of this workspace for this version of Node. */
export function manifestFile({ workspace, bundles, node }: BundlePlace): string {
  const key = JSON.stringify([workspace, node, process.arch, groupsOf(workspace)]);
  return join(bundles, `${createHash('sha1').update(key).digest('hex')}.json`);
}

export function stateOf(folder: string, path: string): FileState {
  const { size, ctimeMs } = statSync(join(folder, path));
  return [path, size, ctimeMs];
}

/** Returns the folder of the bundles if none of their inputs has changed since. */
export function keptBundles(place: BundlePlace): string | undefined {
  try {
    const manifest = JSON.parse(readFileSync(manifestFile(place), 'utf8')) as Manifest;
    const folder = join(place.bundles, manifest.folder);
    const isAsBefore =
      (root: string) =>
      ([path, size, changedMs]: FileState) => {
        const now = statSync(join(root, path), { throwIfNoEntry: false });
        return now?.size === size && now.ctimeMs === changedMs;
      };
    const isKept =
      manifest.bundles.every(isAsBefore(folder)) && manifest.inputs.every(isAsBefore(place.workspace));
    return isKept ? folder : undefined;
  } catch {
    return undefined; // there is no manifest yet, or it is damaged
  }
}

/** Records complete bundles by a rename, so that no other process reads half of the record. */
export function keepBundles(
  place: BundlePlace,
  folder: string,
  files: readonly string[],
  inputs: readonly FileState[],
): void {
  const manifest: Manifest = {
    folder,
    bundles: files.map((file) => stateOf(join(place.bundles, folder), file)),
    inputs,
  };
  const file = manifestFile(place);
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, JSON.stringify(manifest));
  renameSync(unfinished, file);
}

/**
 * Bounds the cache. Deleting a bundle that a process runs from only costs it its source positions,
 * and deleting the latest one of a workspace costs its next start two seconds.
 */
export function removeOldBundles(bundles: string, now = Date.now()): void {
  const entries = readdirSync(bundles).flatMap((name) => {
    const entry = statSync(join(bundles, name), { throwIfNoEntry: false });
    return entry === undefined || name === 'compiled' ? [] : [{ name, ageMs: now - entry.mtimeMs }];
  });
  entries.sort((one, other) => one.ageMs - other.ageMs);
  entries.forEach(({ name, ageMs }, index) => {
    if ((index >= keptMax && ageMs > inUseMs) || ageMs > keptMsMax)
      rmSync(join(bundles, name), { recursive: true, force: true });
  });
  const compiled = join(bundles, 'compiled');
  mkdirSync(compiled, { recursive: true });
  const bytes = readdirSync(compiled, { recursive: true, encoding: 'utf8' }).reduce(
    (sum, name) => sum + (statSync(join(compiled, name), { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
  if (bytes > compiledBytesMax) rmSync(compiled, { recursive: true, force: true });
}
