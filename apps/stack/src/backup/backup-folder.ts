import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { promisify } from 'node:util';
import { makeFolder } from '@millrace/streaming-core/runtime';
import { stopLeftoverPostgres } from '@millrace/embedded-postgres';
import type { PositionsByDatabase } from './positions.ts';
import { keysFolder } from '../keys/missing-keys.ts';
import { clearLeftovers } from '../processes/process-register.ts';
import { openDataFolder } from '../setup/data-folder.ts';

const formatVersion = 1;

const manifestNames = { data: 'backup.json', keys: 'keys.json' } as const;

type BackupKind = keyof typeof manifestNames;

export interface Manifest {
  readonly takenAt: string;
  /**
   * Present if the stack was running. Without it, the stack was stopped, and all parts are from the
   * same moment.
   */
  readonly positions?: PositionsByDatabase;
  /** True if the stack had keys of its own, which a restore has to add. Absent in a backup of keys. */
  readonly hasKeys?: boolean;
}

export const copiedData = (backup: string): string => join(backup, 'data');

/** Returns the cluster inside a backup of keys. */
export const copiedKeys = (backup: string): string => join(backup, 'keys');

interface Folders {
  readonly dataFolder: string;
  readonly to: string;
}

/** Throws a one-line error if there is nothing to copy, or if the copy would be lost with it. */
export function refuseFolders({ dataFolder, to }: Folders, option: string): void {
  if (!existsSync(join(dataFolder, 'format-version')))
    throw new Error(`${dataFolder} is not a Millrace data folder: set MILLRACE_DATA to the folder to copy`);
  if (to === dataFolder || to.startsWith(`${dataFolder}${sep}`))
    throw new Error(
      `${to} is inside the data folder and would be lost with it: name a folder elsewhere with ${option}`,
    );
}

/** Creates the folder of a new backup. Throws a one-line error if it is not empty. */
export function makeBackupFolder(path: string, option: string): void {
  makeFolder(path);
  if (readdirSync(path).length > 0) throw new Error(`${path} is not empty: name a new folder with ${option}`);
}

/** Completes a backup by writing its manifest, once everything else is on disk. */
export async function finishBackup(
  path: string,
  manifest: Manifest,
  kind: BackupKind = 'data',
): Promise<void> {
  await toDisk();
  const file = join(path, manifestNames[kind]);
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
export function readManifest(path: string, kind: BackupKind = 'data'): Manifest {
  const file = join(path, manifestNames[kind]);
  if (!existsSync(file))
    throw new Error(
      `${path} is not a finished backup${kind === 'keys' ? ' of keys' : ''} (it has no ${manifestNames[kind]}): ` +
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

/**
 * Works on the folder of a stopped stack. No stack can start on it meanwhile, and whatever a killed
 * stack has left running is stopped first. Throws a one-line error if a stack runs.
 */
export async function onStoppedFolder(
  dataFolder: string,
  print: (line: string) => void,
  work: () => Promise<void>,
): Promise<void> {
  const folder = openDataFolder(dataFolder);
  try {
    const registerFile = join(dataFolder, 'processes.json');
    const never = new AbortController().signal;
    await clearLeftovers(registerFile, { print, signal: never, endSignal: 'SIGKILL' });
    for (const cluster of [join(dataFolder, 'postgres'), keysFolder(dataFolder)])
      await stopLeftoverPostgres(cluster, print);
    // This is for macOS, where the servers' folders cannot be verified.
    await clearLeftovers(registerFile, { print, signal: never, endSignal: 'SIGQUIT', waitMs: 0 });
    await work();
  } finally {
    folder.release();
  }
}
