import { join } from 'node:path';
import { readSettings } from '../config.ts';
import { listeners } from '../definition/define-stack.ts';
import { withApps } from '../definition/with-apps.ts';
import { loadProgramChecks } from '../setup/check-programs.ts';
import { readOptions } from '../options.ts';
import { stack } from '../stack.ts';

/**
 * Prints as JSON which ports and folder `npm start` would use with these options in this environment,
 * or what is wrong with its settings. Starts and writes nothing. `millrace doctor` asks it.
 */
async function main(): Promise<void> {
  process.stdout.write(JSON.stringify(await plan()));
}

async function plan(): Promise<object> {
  try {
    const options = readOptions(process.argv.slice(2));
    if (options === 'help') throw new Error('--help starts nothing');
    const wanted = withApps(stack, options.apps);
    const { definition, dataFolder, notices } = readSettings(wanted, {
      environment: process.env,
      workspace: join(import.meta.dirname, '../../../..'),
      ...options,
      checkPrograms: await loadProgramChecks(wanted),
    });
    const ports = listeners(definition).filter(({ port }) => port !== 0);
    return { dataFolder, notices, ports };
  } catch (error) {
    return { problem: (error as Error).message };
  }
}

await main();
