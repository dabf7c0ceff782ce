import { readdirSync, existsSync, readFileSync, writeFileSync, renameSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { ErasureLedger, erasureLedgerName } from '@millrace/operations/client';
import { placeCluster, startEmbeddedPostgres } from '@millrace/embedded-postgres';
import { markKeysMissing } from '../keys/missing-keys.ts';
import { openDataFolder } from '../setup/data-folder.ts';
import { copiedData, readManifest, toDisk, type Manifest } from './backup-folder.ts';
import { takeBack, forgetLog } from './positions.ts';
import { startStreamsOver } from './streams-start-over.ts';
import { clearLeftovers } from '../processes/process-register.ts';

interface RestoreOptions {
  /** The absolute path of a finished backup, which is not changed. */
  readonly from: string;
  /** The absolute path of a folder that does not exist, or is empty but for a ledger of erasures. */
  readonly dataFolder: string;
  /** The stack's ledger of erasures, which gets those that the backup knows. */
  readonly ledger: ErasureLedger;
  readonly print: (line: string) => void;
}

const mayStay: readonly string[] = ['lost+found', erasureLedgerName];
const copiedApart: readonly string[] = ['postgres', 'format-version', erasureLedgerName];

/** PostgreSQL may need a long time to recover a large write-ahead log. */
const startTimeoutMs = 600_000;

/**
 * Makes a data folder that `npm start` continues with. Throws a one-line error on failure. The next
 * start refuses a folder that is only half restored.
 */
export async function restoreBackup({ from, dataFolder, ledger, print }: RestoreOptions): Promise<Manifest> {
  const manifest = readManifest(from);
  if (existsSync(dataFolder) && readdirSync(dataFolder).some((name) => !mayStay.includes(name)))
    throw new Error(`${dataFolder} is not empty: move it away, or set MILLRACE_DATA to another folder`);
  const folder = openDataFolder(dataFolder);
  try {
    const data = copiedData(from);
    const version = join(dataFolder, 'format-version');
    writeFileSync(version, 'of an unfinished restore\n');
    for (const name of readdirSync(data).filter((entry) => !copiedApart.includes(entry)))
      await cp(join(data, name), join(dataFolder, name), { recursive: true });
    const postgres = join(dataFolder, 'postgres');
    await placeCluster(join(data, 'postgres'), postgres);
    print('PostgreSQL is recovering the copied data');
    await fitToLog(postgres, manifest, print);
    if (manifest.positions !== undefined) await startStreamsOver(join(dataFolder, 'broker'), print);
    if (manifest.hasKeys === true) markKeysMissing(dataFolder);
    ledger.add(new ErasureLedger(join(data, erasureLedgerName)).read());
    await toDisk();
    writeFileSync(version, readFileSync(join(data, 'format-version')));
    return manifest;
  } finally {
    folder.release();
  }
}

async function fitToLog(
  dataFolder: string,
  { positions }: Manifest,
  print: RestoreOptions['print'],
): Promise<void> {
  const server = await startEmbeddedPostgres({ dataFolder, port: 0, startTimeoutMs, onNotice: print });
  try {
    await takeBack(server.url, positions);
  } finally {
    await server.stop();
  }
}

interface LeaveOptions {
  /** An absolute path. */
  readonly dataFolder: string;
  readonly now: () => Date;
  readonly print: (line: string) => void;
}

/**
 * Detaches the databases of a stopped stack from their log, so that the next start may use another
 * log, which has to be empty. The outboxes publish again what they still hold, and the inboxes drop
 * what was already handled. The old log is kept under another name. Throws a one-line error on
 * failure.
 */
export async function leaveLog({ dataFolder, now, print }: LeaveOptions): Promise<void> {
  if (!existsSync(join(dataFolder, 'format-version')))
    throw new Error(
      `${dataFolder} is not a Millrace data folder: set MILLRACE_DATA to the folder of the stack that ` +
        'is to leave its log',
    );
  const folder = openDataFolder(dataFolder);
  try {
    const never = new AbortController().signal;
    await clearLeftovers(join(dataFolder, 'processes.json'), { print, signal: never, endSignal: 'SIGKILL' });
    const server = await startEmbeddedPostgres({
      dataFolder: join(dataFolder, 'postgres'),
      port: 0,
      onNotice: print,
    });
    await forgetLog(server.url).finally(() => server.stop());
    const mark = now().toISOString().replaceAll(/[:.]/g, '-');
    for (const name of ['broker', 'kafka'].filter((log) => existsSync(join(dataFolder, log)))) {
      renameSync(join(dataFolder, name), join(dataFolder, `${name}-left-${mark}`));
      print(`the old log is now in ${join(dataFolder, `${name}-left-${mark}`)}`);
    }
  } finally {
    folder.release();
  }
}
