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
  /** Absolute. */
  readonly dataFolder: string;
  /** A new folder. Absolute. */
  readonly to: string;
  readonly now: () => Date;
  readonly print: (line: string) => void;
}

/** Of the embedded broker, and of the Apache Kafka that `npm start -- --kafka` starts. */
const logFolders = ['broker', 'kafka'];

/** Copies all that a stack knows, whether it runs or not. Throws one line when it cannot; what is unfinished is refused by a restore. */
export async function takeBackup(options: BackupOptions): Promise<void> {
  const { dataFolder, to, now } = options;
  if (!existsSync(join(dataFolder, 'format-version')))
    throw new Error(
      `${dataFolder} is no Millrace data folder: set MILLRACE_DATA to the one that is to be copied`,
    );
  if (to === dataFolder || to.startsWith(`${dataFolder}${sep}`))
    throw new Error(
      `${to} lies in the data folder itself, and would go with it: give --to a folder elsewhere`,
    );
  if (!logFolders.some((name) => existsSync(join(dataFolder, name))))
    throw new Error(
      `the log of ${dataFolder} is a cluster elsewhere: both have to be copied, see "Backup and restore" in docs/OPERATIONS.md`,
    );
  makeBackupFolder(to);
  const takenAt = now().toISOString();
  if (runningStack(dataFolder) === undefined) {
    await copyStopped(options);
    await finishBackup(to, { takenAt });
  } else await finishBackup(to, { takenAt, positions: await copyRunning(options) });
}

/** Names in a data folder that a copy has no use for. */
const notCopied = /^(stack\.pid|processes\.json|logs$|lost\+found$|(broker|kafka)-left-)/;

async function copyStopped({ dataFolder, to, print }: BackupOptions): Promise<void> {
  const folder = openDataFolder(dataFolder); // nobody starts it meanwhile
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
    }); // where its folder cannot be proven: macOS
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
 * Log, then databases, then mails, while all of them are written. The databases, of one moment together, are the truth: the log is older than they
 * are, and a restore publishes what it lacks from their outboxes. So nothing on it comes from their future, such as an order that none of them knows.
 * A mail that they do not know of yet is offered to the sink again, which has it.
 */
async function copyRunning({ dataFolder, to }: BackupOptions): Promise<PositionsByDatabase> {
  const other = readdirSync(dataFolder).find(
    (name) => !copiedWhileRunning.has(name) && !notCopied.test(name),
  );
  if (other !== undefined)
    throw new Error(
      `${join(dataFolder, other)} cannot be copied while the stack runs: stop it, and take the backup of what stands still`,
    );
  const cluster = runningCluster(join(dataFolder, 'postgres'));
  if (cluster === undefined)
    throw new Error('PostgreSQL is not up: wait until the stack has started, and take the backup then');
  const positions = await readPositions(cluster.url);
  const copied = (name: string) => join(copiedData(to), name);
  await copyRunningLog(join(dataFolder, 'broker'), copied('broker'));
  await copyRunningCluster(cluster, copied('postgres'));
  const finished = (path: string) => !basename(path).startsWith('.'); // a mail that is just being written has another name
  for (const name of ['mail', 'format-version'])
    await cp(join(dataFolder, name), copied(name), { recursive: true, filter: finished });
  return positions;
}
