import { startEmbeddedPostgres, type EmbeddedPostgresOptions } from '@millrace/embedded-postgres';
import type { BoundedLog } from './bounded-log.ts';
import type { ProcessRegister } from './process-register.ts';
import type { Launch } from './supervise.ts';

export interface PostgresProcess extends Pick<
  EmbeddedPostgresOptions,
  'dataFolder' | 'port' | 'portSetting' | 'settings' | 'walSegmentMegabytes'
> {
  /** The name of the process: `postgres` or `keys`. */
  readonly name: string;
  readonly log: BoundedLog;
  readonly register: ProcessRegister;
  readonly onNotice: (line: string) => void;
  /** Gets the server's URL once it is ready. The URL is the same after every restart. */
  readonly onUrl: (url: string) => void;
}

/** Recovery after a kill replays the write-ahead log, which takes time. */
const startTimeoutMs = 120_000;

export function launchPostgres({ name, log, register, onUrl, ...options }: PostgresProcess): Launch {
  return async (signal) => {
    let pid: number | undefined;
    const forget = () => pid !== undefined && register.remove(pid);
    const onSpawn = (spawned: number) => {
      forget();
      pid = spawned;
      register.add(name, spawned, 'SIGQUIT');
    };
    const onLog = (line: string) => log.write(`${line}\n`);
    try {
      const server = await startEmbeddedPostgres({ ...options, startTimeoutMs, onSpawn, onLog, signal });
      onUrl(server.url);
      return {
        pid: server.pid,
        ended: server.exited.finally(forget),
        // There is no `kill`, because the server's own child processes would survive it.
        answer: (asking) => server.answer(asking),
        stop: () => server.stop(),
      };
    } catch (error) {
      forget();
      throw error;
    }
  };
}
