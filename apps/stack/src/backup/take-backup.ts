import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { copyRunningCluster, runningCluster, stoppedCluster } from '@millrace/embedded-postgres';
import { ErasureLedger, erasureLedgerName } from '@millrace/operations/client';
import { copyRunningLog } from '@millrace/streaming-core/log';
import { hasOwnKeys } from '../keys/missing-keys.ts';
import { copyMailMarkers } from '../mail/mail-file.ts';
import { runningStack } from '../setup/data-folder.ts';
import {
  copiedData,
  finishBackup,
  makeBackupFolder,
  refuseFolders,
  onStoppedFolder,
} from './backup-folder.ts';
import { readPositions, type PositionsByDatabase } from './positions.ts';

export interface BackupOptions {
  /** An absolute path. */
  readonly dataFolder: string;
  /** The absolute path of a new folder. */
  readonly to: string;
  readonly now: () => Date;
  readonly print: (line: string) => void;
  /** The stack's ledger of erasures, of which the backup gets a copy. */
  readonly ledger: ErasureLedger;
}

/**
 * The folders of the embedded broker and of the Apache Kafka that `npm start -- --kafka` starts.
 */
const logFolders = ['broker', 'kafka'];

/**
 * Copies everything that a stack stores, whether it is running or not, except for the keys and the
 * texts of mails: erasing a customer could not reach those. Throws a one-line error on failure. A
 * restore refuses an unfinished backup.
 */
export async function takeBackup(options: BackupOptions): Promise<void> {
  const { dataFolder, to, now, ledger } = options;
  refuseFolders(options, '--to');
  if (!logFolders.some((name) => existsSync(join(dataFolder, name))))
    throw new Error(
      `the log of ${dataFolder} is a cluster elsewhere, and both have to be copied: ` +
        'see "Backup and restore" in docs/OPERATIONS.md',
    );
  makeBackupFolder(to, '--to');
  mkdirSync(copiedData(to), { mode: 0o700 });
  const takenAt = now().toISOString();
  const hasKeys = await hasOwnKeys(dataFolder);
  const copyLedger = () => new ErasureLedger(join(copiedData(to), erasureLedgerName)).add(ledger.read());
  if (runningStack(dataFolder) === undefined) {
    await copyStopped(options);
    copyLedger();
    await finishBackup(to, { takenAt, hasKeys });
  } else {
    const positions = await copyRunning(options);
    copyLedger();
    await finishBackup(to, { takenAt, hasKeys, positions });
  }
}

/**
 * Names in a data folder that a backup leaves out, or copies last, as it does the ledger. Stream
 * applications restore their state from the log.
 */
const notCopied =
  /^(erasures\.jsonl$|stack\.pid|processes\.json|places\.json|keys|logs$|state$|lost\+found$|(broker|kafka)-left-)/;

const copyStopped = ({ dataFolder, to, print }: BackupOptions): Promise<void> =>
  onStoppedFolder(dataFolder, print, async () => {
    const copied = (name: string) => join(copiedData(to), name);
    for (const name of readdirSync(dataFolder).filter((entry) => !notCopied.test(entry)))
      if (name === 'mail') await copyMailMarkers(join(dataFolder, name), copied(name));
      else if (name !== 'postgres') await cp(join(dataFolder, name), copied(name), { recursive: true });
    await cp(await stoppedCluster(join(dataFolder, 'postgres')), copied('postgres'), { recursive: true });
  });

const copiedWhileRunning: ReadonlySet<string> = new Set(['postgres', 'broker', 'mail', 'format-version']);

/**
 * Copies the log, then the databases, then the mails, while all of them are being written. The
 * databases are copied as of one moment and count as the truth. The log is older than they are, and
 * a restore publishes what it lacks from their outboxes. So the log has nothing from their future,
 * such as an order that none of them knows. A mail that they do not know of yet is offered again to
 * the sink, which has it already.
 */
async function copyRunning({ dataFolder, to }: BackupOptions): Promise<PositionsByDatabase> {
  const other = readdirSync(dataFolder).find(
    (name) => !copiedWhileRunning.has(name) && !notCopied.test(name),
  );
  if (other !== undefined)
    throw new Error(
      `${join(dataFolder, other)} cannot be copied while the stack is running: stop the stack, then take the backup`,
    );
  const cluster = runningCluster(join(dataFolder, 'postgres'));
  if (cluster === undefined)
    throw new Error('PostgreSQL is not running yet: take the backup once the stack has started');
  const positions = await readPositions(cluster.url);
  const copied = (name: string) => join(copiedData(to), name);
  await copyRunningLog(join(dataFolder, 'broker'), copied('broker'));
  await copyRunningCluster(cluster, copied('postgres'));
  await copyMailMarkers(join(dataFolder, 'mail'), copied('mail'));
  await cp(join(dataFolder, 'format-version'), copied('format-version'));
  return positions;
}
