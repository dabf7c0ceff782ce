import { join } from 'node:path';
import { stopLeftoverPostgres } from '@millrace/embedded-postgres';
import { keysFolder } from '../keys/keys-folder.ts';
import { clearLeftovers } from '../processes/process-register.ts';
import { openDataFolder } from '../setup/data-folder.ts';

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
