import { createHash } from 'node:crypto';
import { readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Group } from './groups.ts';

/** The workspace that is bundled, and the folder that keeps the bundles. */
export interface BundlePlace {
  readonly workspace: string;
  /** The folder for the bundles of all workspaces. */
  readonly bundles: string;
  /** The version of Node that they are for. */
  readonly node: string;
}

/**
 * A file that a bundle was made from: its path relative to the workspace, its size, the time of its
 * last change, and the hash of its content. The time is 0 if the file was so young that a later
 * change might have the same time.
 */
export type Input = readonly [path: string, size: number, changedMs: number, hash: string];

/** The record of the latest bundle of a group. */
export interface Manifest {
  /** The folder of the bundle, beside this manifest. */
  readonly folder: string;
  /** The size of the bundle. A shorter file was not written to its end. */
  readonly size: number;
  readonly inputs: readonly Input[];
}

/** The time that a file has to be left alone before the time of its last change identifies it. */
const settledMs = 2_000;
/** A process that is starting may use a bundle whose folder is younger than this. */
export const inUseMs = 10 * 60 * 1_000;

export const hashOf = (...parts: ReadonlyArray<string | Buffer>): string => {
  const hash = createHash('sha1');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex');
};

/** The file that describes the group's latest bundle of this workspace for this version of Node. */
export function manifestFile(place: BundlePlace, { name, programs, apps }: Group): string {
  const key = hashOf(place.workspace, place.node, process.arch, ...programs, ...apps);
  return join(place.bundles, name, `${key}.json`);
}

/**
 * Returns the folder of the group's bundle if none of its inputs has changed, and undefined if it
 * has to be made. A file with the recorded size and time counts as unchanged; any other is read.
 */
export function keptBundle(place: BundlePlace, group: Group): string | undefined {
  const file = manifestFile(place, group);
  const manifest = readManifest(file);
  if (manifest === undefined) return undefined;
  const folder = join(place.bundles, group.name, manifest.folder);
  const bundle = statSync(join(folder, 'main.mjs'), { throwIfNoEntry: false });
  if (bundle?.size !== manifest.size) return undefined;
  const touched = new Map<string, Input>();
  for (const input of manifest.inputs) {
    const [path, size, changedMs, hash] = input;
    const stats = statSync(join(place.workspace, path), { throwIfNoEntry: false });
    if (stats?.size !== size) return undefined;
    if (stats.ctimeMs === changedMs) continue;
    const now = readInput(place.workspace, path);
    if (now[3] !== hash) return undefined;
    touched.set(path, now);
  }
  remember(file, manifest, touched);
  markUsed(folder);
  return folder;
}

function readManifest(file: string): Manifest | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Manifest;
  } catch {
    return undefined; // there is none yet, or it is damaged
  }
}

/** Describes a file as it is now. Its state is read first, so that a later change shows. */
export function readInput(workspace: string, path: string): Input {
  const file = join(workspace, path);
  const { size, ctimeMs } = statSync(file);
  return [path, size, ctimeMs > Date.now() - settledMs ? 0 : ctimeMs, hashOf(readFileSync(file))];
}

/** Records the new times of files that were written again with the same content. */
function remember(file: string, manifest: Manifest, touched: ReadonlyMap<string, Input>): void {
  if (![...touched.values()].some(([, , changedMs]) => changedMs > 0)) return;
  const inputs = manifest.inputs.map((input) => touched.get(input[0]) ?? input);
  try {
    writeWhole(file, JSON.stringify({ ...manifest, inputs }));
  } catch {
    // The next start reads these files again.
  }
}

/** Keeps the folder from being deleted as unused. */
export function markUsed(folder: string): void {
  const now = Date.now();
  try {
    if (statSync(folder).mtimeMs < now - inUseMs / 2) utimesSync(folder, new Date(now), new Date(now));
  } catch {
    // The cache is read-only, so nothing deletes the folder either.
  }
}

/** Writes a file by a rename, so that no other process reads half of it. */
export function writeWhole(file: string, content: string): void {
  const own = `${file}.${process.pid}`;
  try {
    writeFileSync(own, content);
    renameSync(own, file);
  } catch (error) {
    rmSync(own, { force: true });
    throw error;
  }
}
