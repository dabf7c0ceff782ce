import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeFolder } from '@millrace/streaming-core/runtime';
import type { PositionsByDatabase } from './positions.ts';

const manifestName = 'backup.json';
const formatVersion = 1;

export interface Manifest {
  readonly takenAt: string;
  /**
   * Present if the stack was running. Without it, the stack was stopped, and all parts are from the
   * same moment.
   */
  readonly positions?: PositionsByDatabase;
}

/** Returns the data folder inside a backup. */
export const copiedData = (backup: string): string => join(backup, 'data');

/** Creates the folder of a new backup. Throws a one-line error if it is not empty. */
export function makeBackupFolder(path: string): void {
  makeFolder(path);
  if (readdirSync(path).length > 0) throw new Error(`${path} is not empty: name a new folder with --to`);
  mkdirSync(copiedData(path), { mode: 0o700 });
}

/** Completes a backup by writing its manifest, once everything else is on disk. */
export async function finishBackup(path: string, manifest: Manifest): Promise<void> {
  await toDisk();
  const file = join(path, manifestName);
  writeFileSync(
    `${file}.unfinished`,
    `${JSON.stringify({ version: formatVersion, ...manifest }, undefined, 2)}\n`,
  );
  renameSync(`${file}.unfinished`, file);
  await toDisk();
}

export const toDisk = async (): Promise<void> => void (await promisify(execFile)('sync'));

/**
 * Reads the manifest. Throws a one-line error if the folder is not a finished backup, or has
 * another format.
 */
export function readManifest(path: string): Manifest {
  const file = join(path, manifestName);
  if (!existsSync(file))
    throw new Error(
      `${path} is not a finished backup (it has no ${manifestName}): ` +
        `name a folder that \`npm run backup\` has completed`,
    );
  const { version, ...manifest } = JSON.parse(readFileSync(file, 'utf8')) as Manifest & { version: unknown };
  if (version !== formatVersion)
    throw new Error(
      `${file} has format ${String(version)}, but this version of Millrace reads ${formatVersion}: ` +
        'restore it with the version of Millrace that wrote it',
    );
  return manifest;
}
