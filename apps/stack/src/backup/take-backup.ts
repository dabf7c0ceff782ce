import { existsSync, readdirSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import {
  copyRunningCluster,
  runningCluster,
  stoppedCluster,
  stopLeftoverPostgres,
} from '@millrace/embedded-postgres';
import { copyRunningLog } from '@millrace/streaming-core/log';
import { clearLeftovers } from '../processes/process-register.ts';
import { openDataFolder, runningStack } from '../setup/data-folder.ts';
import { copiedData, finishBackup, makeBackupFolder } from './backup-folder.ts';
import { readPositions, type PositionsByDatabase } from './positions.ts';

export interface BackupOptions {
  /** An absolute path. */
  readonly dataFolder: string;
  /** The absolute path of a new folder. */
  readonly to: string;
  readonly now: () => Date;
  readonly print: (line: string) => void;
}

/**
 * The folders of the embedded broker and of the Apache Kafka that `npm start -- --kafka` starts.
 */
const logFolders = ['broker', 'kafka'];

/**
 * Copies everything that a stack stores, whether it is running or not. Throws a one-line error on
 * failure. A restore refuses an unfinished backup.
 */
export async function takeBackup(options: BackupOptions): Promise<void> {
  const { dataFolder, to, now } = options;
  if (!existsSync(join(dataFolder, 'format-version')))
    throw new Error(`${dataFolder} is not a Millrace data folder: set MILLRACE_DATA to the folder to copy`);
  if (to === dataFolder || to.startsWith(`${dataFolder}${sep}`))
    throw new Error(
      `${to} is inside the data folder and would be lost with it: name a folder elsewhere with --to`,
    );
  if (!logFolders.some((name) => existsSync(join(dataFolder, name))))
    throw new Error(
      `the log of ${dataFolder} is a cluster elsewhere, and both have to be copied: ` +
        'see "Backup and restore" in docs/OPERATIONS.md',
    );
  makeBackupFolder(to);
  const takenAt = now().toISOString();
  if (runningStack(dataFolder) === undefined) {
    await copyStopped(options);
    await finishBackup(to, { takenAt });
  } else await finishBackup(to, { takenAt, positions: await copyRunning(options) });
}

/** Names in a data folder that a backup leaves out. */
const notCopied = /^(stack\.pid|processes\.json|places\.json|logs$|lost\+found$|(broker|kafka)-left-)/;

async function copyStopped({ dataFolder, to, print }: BackupOptions): Promise<void> {
  const folder = openDataFolder(dataFolder); // no stack can start on it meanwhile
  try {
    const postgres = join(dataFolder, 'postgres');
    const never = new AbortController().signal;
    await clearLeftovers(join(dataFolder, 'processes.json'), { print, signal: never, endSignal: 'SIGKILL' });
    await stopLeftoverPostgres(postgres, print);
    await clearLeftovers(join(dataFolder, 'processes.json'), {
      print,
      signal: never,
      endSignal: 'SIGQUIT',
      waitMs: 0,
    }); // for macOS, where the server's folder cannot be verified
    for (const name of readdirSync(dataFolder).filter(
      (entry) => !notCopied.test(entry) && entry !== 'postgres',
    ))
      await cp(join(dataFolder, name), join(copiedData(to), name), { recursive: true });
    await cp(await stoppedCluster(postgres), join(copiedData(to), 'postgres'), { recursive: true });
  } finally {
    folder.release();
  }
}

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
  // The name of an unfinished mail begins with a dot.
  const finished = (path: string) => !basename(path).startsWith('.');
  for (const name of ['mail', 'format-version'])
    await cp(join(dataFolder, name), copied(name), { recursive: true, filter: finished });
  return positions;
}
