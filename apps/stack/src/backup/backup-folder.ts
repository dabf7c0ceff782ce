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
  /** Of a stack that ran; absent where it stood still, and all its parts are of one moment. */
  readonly positions?: PositionsByDatabase;
}

/** Where a backup keeps what it copied: a data folder. */
export const copiedData = (backup: string): string => join(backup, 'data');

/** Throws one line when something is there already. */
export function makeBackupFolder(path: string): void {
  makeFolder(path);
  if (readdirSync(path).length > 0) throw new Error(`${path} is not empty: give --to a new folder`);
  mkdirSync(copiedData(path), { mode: 0o700 });
}

/** The last act of a backup: everything is on disk first. */
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

/** Throws one line when the folder is no finished backup, or one of another format. */
export function readManifest(path: string): Manifest {
  const file = join(path, manifestName);
  if (!existsSync(file))
    throw new Error(
      `${path} is no finished backup (it has no ${manifestName}): name a folder that \`npm run backup\` has completed`,
    );
  const { version, ...manifest } = JSON.parse(readFileSync(file, 'utf8')) as Manifest & { version: unknown };
  if (version !== formatVersion)
    throw new Error(
      `${file} has format ${String(version)}, this Millrace knows ${formatVersion}: restore with the Millrace that wrote it`,
    );
  return manifest;
}
