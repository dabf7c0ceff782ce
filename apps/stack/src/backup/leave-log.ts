import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '@millrace/embedded-postgres';
import { openDataFolder } from '../setup/data-folder.ts';
import { clearLeftovers } from '../processes/process-register.ts';
import { forgetLog } from './positions.ts';

export interface LeaveOptions {
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
