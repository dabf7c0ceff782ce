/** `npm run backup`, `npm run restore` and `npm run leave-log`. */
import { join, resolve } from 'node:path';
import { ErasureLedger, ledgerOfFolder, type LedgerEntry } from '@millrace/operations/client';
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { restoreKeys, takeKeysBackup } from './keys-backup.ts';
import { leaveLog, restoreBackup } from './restore-backup.ts';
import { takeBackup } from './take-backup.ts';

const workspace = join(import.meta.dirname, '../../../..');

const usage = `npm run backup -- --to FOLDER      copies everything that the stack stores, except for keys and the texts of
                                   mails, into a new folder, whether it is running or not
npm run backup -- --keys-to FOLDER copies the keys of personal data; keep such copies apart, and not for long
npm run restore -- --from FOLDER [--keys-from FOLDER]
                                   makes a data folder from a backup; the next \`npm start\` continues with it
npm run restore -- --keys-from FOLDER
                                   adds the keys to the data folder of a stopped stack that has none
npm run restore -- --erasures FILE adds the erasures of another ledger, also together with the above, such as
                                   erasures.jsonl of the lost data folder; repeat them with \`npm run millrace -- erase --replay\`
npm run leave-log                  detaches a stopped stack's databases from their log, so that the next start
                                   may use another one
Settings (environment): MILLRACE_DATA (the data folder, .millrace by default), ERASURE_LEDGER (the ledger of
erasures, erasures.jsonl in the data folder by default).`;

const options = {
  to: { type: 'string' },
  'keys-to': { type: 'string' },
  from: { type: 'string' },
  'keys-from': { type: 'string' },
  erasures: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const satisfies ParseArgsOptionsConfig;

type Folders = Readonly<Partial<Record<keyof typeof options, string | boolean>>>;

const commands: Readonly<Record<string, (run: Run) => Promise<void>>> = {
  backup,
  restore,
  'leave-log': leave,
};

/** The folders that each command takes. */
const takes: Readonly<Record<string, readonly string[]>> = {
  backup: ['to', 'keys-to'],
  restore: ['from', 'keys-from', 'erasures'],
  'leave-log': [],
};

interface Run {
  readonly dataFolder: string;
  readonly ledger: ErasureLedger;
  /** Returns the absolute path that an option names. */
  named(option: keyof typeof options): string | undefined;
  readonly now: () => Date;
  readonly print: (line: string) => void;
  /** The time since the start, in words. */
  took(): string;
}

async function backup(run: Run): Promise<void> {
  const { dataFolder, print } = run;
  const to = run.named('to');
  const keysTo = run.named('keys-to');
  if (to !== undefined) {
    await takeBackup({ ...run, to });
    print(`backup of ${dataFolder} in ${to}, taken in ${run.took()}`);
  }
  // The keys follow the data, so that none of them is missing.
  if (keysTo !== undefined) {
    await takeKeysBackup({ ...run, to: keysTo });
    print(`backup of the keys of ${dataFolder} in ${keysTo}, taken in ${run.took()}`);
  }
}

async function restore(run: Run): Promise<void> {
  const { dataFolder, ledger, print } = run;
  const from = run.named('from');
  const keysFrom = run.named('keys-from');
  const lost = run.named('erasures');
  const erasures = lost === undefined ? [] : erasuresIn(lost);
  if (from !== undefined) {
    const { takenAt } = await restoreBackup({ ...run, from });
    print(`${dataFolder} is restored as of ${takenAt}, in ${run.took()}: \`npm start\` continues from there`);
  }
  if (keysFrom !== undefined) {
    const { takenAt } = await restoreKeys({ ...run, from: keysFrom });
    print(
      `the keys of ${dataFolder} are restored as of ${takenAt}: customers erased since then have theirs back`,
    );
  } else if (from !== undefined)
    print('it has no keys: add them with --keys-from before you start it, or sealed data cannot be read');
  ledger.add(erasures);
  print(whatToErase(ledger, lost !== undefined));
}

function erasuresIn(file: string): readonly LedgerEntry[] {
  const ledger = new ErasureLedger(file);
  if (!ledger.exists) throw new Error(`there is no ledger ${file}: correct --erasures, or leave it out`);
  return ledger.read();
}

function whatToErase(ledger: ErasureLedger, wasNamed: boolean): string {
  const count = ledger.read().length;
  const repeat =
    count === 0
      ? `${ledger.file} has no erasures`
      : `${ledger.file} has ${count} erasure${count === 1 ? '' : 's'}: once the stack has started, repeat them with ` +
        '`npm run millrace -- erase --replay --reason TEXT`';
  const isElsewhere = Boolean(process.env.ERASURE_LEDGER?.trim());
  if (wasNamed || isElsewhere) return repeat;
  return `${repeat}. Later ones are in the erasures.jsonl of the data folder before the restore: add them with --erasures FILE`;
}

async function leave(run: Run): Promise<void> {
  await leaveLog(run);
  run.print(
    `the databases of ${run.dataFolder} are detached from their log: the next start, ` +
      'with or without --kafka, attaches them to its own',
  );
}

async function main([command = '', ...args]: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options });
  const print = (line: string) => void process.stdout.write(`${line}\n`);
  if (values.help === true) return print(usage);
  refuseFoldersOf(command, values);
  const startedAt = performance.now();
  const dataFolder = resolve(workspace, process.env.MILLRACE_DATA?.trim() || '.millrace');
  await commands[command]?.({
    dataFolder,
    ledger: ledgerOfFolder(dataFolder, process.env, workspace),
    // npm starts this in the workspace's root, but the folder is relative to the operator's working
    // directory.
    named: (option) =>
      values[option] === undefined
        ? undefined
        : resolve(process.env.INIT_CWD ?? process.cwd(), String(values[option])),
    now: () => new Date(),
    print,
    took: () => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`,
  });
}

function refuseFoldersOf(command: string, values: Folders): void {
  const taken = takes[command] ?? [];
  const given = Object.keys(values);
  if (taken.length === 0 && given.length > 0)
    throw new Error('leave-log takes no folder: set MILLRACE_DATA to the data folder');
  if (given.some((name) => !taken.includes(name)) || (taken.length > 0 && given.length === 0))
    throw new Error(
      `name the folder: ${taken
        .filter((name) => name !== 'erasures')
        .map((name) => `--${name} FOLDER`)
        .join(' or ')}`,
    );
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(
    `millrace: ${(error instanceof Error ? error.message : String(error)).replaceAll('\n', ' ')}\n`,
  );
  process.exitCode = 1;
}
