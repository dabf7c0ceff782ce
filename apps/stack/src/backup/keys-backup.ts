import { chmodSync, existsSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import {
  copyRunningCluster,
  placeCluster,
  runningCluster,
  stoppedCluster,
} from '@millrace/embedded-postgres';
import { keysFolder, markKeysRestored } from '../keys/missing-keys.ts';
import { runningStack } from '../setup/data-folder.ts';
import {
  copiedKeys,
  finishBackup,
  makeBackupFolder,
  readManifest,
  refuseFolders,
  toDisk,
  type Manifest,
  onStoppedFolder,
} from './backup-folder.ts';
import type { BackupOptions } from './take-backup.ts';

/**
 * Copies the cluster of the keys alone, whether the stack is running or not. Whoever has it and the
 * data can read what was sealed. Throws a one-line error on failure.
 */
export async function takeKeysBackup(options: BackupOptions): Promise<void> {
  const { dataFolder, to, now, print } = options;
  refuseFolders(options, '--keys-to');
  const wanted = keysFolder(dataFolder);
  const cluster = runningCluster(wanted);
  const stopped = await stoppedCluster(wanted).catch(() => undefined);
  if (stopped === undefined)
    throw new Error(
      `${dataFolder} has no keys: they are in the database that KEYS_DATABASE_URL names, ` +
        'which has to be copied with its own tools',
    );
  makeBackupFolder(to, '--keys-to');
  chmodSync(to, 0o700);
  const takenAt = now().toISOString();
  if (runningStack(dataFolder) === undefined)
    await onStoppedFolder(dataFolder, print, () => cp(stopped, copiedKeys(to), { recursive: true }));
  else if (cluster !== undefined) await copyRunningCluster(cluster, copiedKeys(to));
  else throw new Error('the keys are not running yet: take the backup once the stack has started');
  await finishBackup(to, { takenAt }, 'keys');
}

interface KeysRestore {
  /** The absolute path of a finished backup of keys, which is not changed. */
  readonly from: string;
  /** The absolute path of the data folder of a stopped stack that has no keys. */
  readonly dataFolder: string;
  readonly print: (line: string) => void;
}

/** Puts the keys of a backup into a data folder. Throws a one-line error if it has keys. */
export async function restoreKeys({ from, dataFolder, print }: KeysRestore): Promise<Manifest> {
  const manifest = readManifest(from, 'keys');
  if (!existsSync(join(dataFolder, 'format-version')))
    throw new Error(`${dataFolder} is not a Millrace data folder: restore its data first, with --from`);
  await onStoppedFolder(dataFolder, print, async () => {
    await placeCluster(copiedKeys(from), keysFolder(dataFolder));
    await toDisk();
    markKeysRestored(dataFolder);
  });
  return manifest;
}
