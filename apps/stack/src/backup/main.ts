/** `npm run backup -- --to FOLDER`, `npm run restore -- --from FOLDER` and `npm run leave-log`. */
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { leaveLog } from './leave-log.ts';
import { restoreBackup } from './restore-backup.ts';
import { takeBackup } from './take-backup.ts';

const workspace = join(import.meta.dirname, '../../../..');

const usage = `npm run backup -- --to FOLDER      copies everything that the stack stores into a new folder, whether
                                   it is running or not
npm run restore -- --from FOLDER   makes a data folder from a backup; the next \`npm start\` continues with it
npm run leave-log                  detaches a stopped stack's databases from their log, so that the next start
                                   may use another one
Settings (environment): MILLRACE_DATA (the data folder, .millrace by default).`;

async function main([command, ...args]: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { to: { type: 'string' }, from: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
  const print = (line: string) => void process.stdout.write(`${line}\n`);
  if (values.help === true) return print(usage);
  // npm starts this in the workspace's root, but the folder is relative to the operator's working
  // directory.
  const named = (folder: string) => resolve(process.env.INIT_CWD ?? process.cwd(), folder);
  const dataFolder = resolve(workspace, process.env.MILLRACE_DATA?.trim() || '.millrace');
  const startedAt = performance.now();
  const took = () => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
  if (command === 'backup' && values.to !== undefined && values.from === undefined) {
    await takeBackup({ dataFolder, to: named(values.to), now: () => new Date(), print });
    print(`backup of ${dataFolder} in ${named(values.to)}, taken in ${took()}`);
  } else if (command === 'restore' && values.from !== undefined && values.to === undefined) {
    const { takenAt } = await restoreBackup({ from: named(values.from), dataFolder, print });
    print(`${dataFolder} is restored as of ${takenAt}, in ${took()}: \`npm start\` continues from there`);
  } else if (command === 'leave-log' && values.to === undefined && values.from === undefined) {
    await leaveLog({ dataFolder, now: () => new Date(), print });
    print(
      `the databases of ${dataFolder} are detached from their log: the next start, ` +
        'with or without --kafka, attaches them to its own',
    );
  } else if (command === 'leave-log')
    throw new Error('leave-log takes no folder: set MILLRACE_DATA to the data folder');
  else throw new Error(`name the folder: ${command === 'restore' ? '--from' : '--to'} FOLDER`);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(
    `millrace: ${(error instanceof Error ? error.message : String(error)).replaceAll('\n', ' ')}\n`,
  );
  process.exitCode = 1;
}
