import type { BoundedLog } from '../processes/bounded-log.ts';
import { launchPostgres } from '../processes/launch-postgres.ts';
import type { ProcessRegister } from '../processes/process-register.ts';
import type { Launch, Supervised } from '../processes/supervise.ts';
import { keysDatabaseName, type KeysDefinition } from '../definition/keys.ts';
import { keysFolder, refuseMissingKeys } from './missing-keys.ts';

export interface KeysPlan {
  /** The processes that the stack runs for the keys; none for a database elsewhere. */
  readonly processes: readonly Supervised[];
  /** The URL of the database, once the processes have started. */
  url(): string;
  /** The part of the printed line about what starts. */
  readonly inWords: string;
}

export interface KeysTools {
  readonly dataFolder: string;
  readonly connections: number;
  readonly register: ProcessRegister;
  readonly print: (line: string) => void;
  readonly supervised: (name: string, launch: (file: BoundedLog) => Launch) => Supervised;
}

/**
 * Some kilobytes of keys need neither memory nor processes of their own. No WAL file is recycled,
 * because it would still contain the bytes of keys that were destroyed, and statistics of a table
 * of keys would be copies of keys.
 */
const settings = {
  shared_buffers: '2MB',
  wal_buffers: '64kB',
  max_wal_size: '32MB',
  wal_recycle: 'off',
  autovacuum: 'off',
  io_method: 'sync',
  jit: 'off',
  wal_level: 'replica',
  max_wal_senders: '0',
  max_worker_processes: '0',
  max_logical_replication_workers: '0',
  bgwriter_lru_maxpages: '0',
  bgwriter_delay: '10s',
  wal_writer_delay: '10s',
  checkpoint_timeout: '1h',
  idle_in_transaction_session_timeout: '30s',
};

/** The smallest size. A file is filled with zeros when it is made. */
const walSegmentMegabytes = 1;

/**
 * Prepares the keys without starting them. Throws a one-line error if they have to be restored first.
 */
export async function planKeys(keys: KeysDefinition, tools: KeysTools): Promise<KeysPlan> {
  if (keys.engine === 'existing') return { processes: [], url: () => keys.url, inWords: '' };
  const { dataFolder, connections, register, print } = tools;
  await refuseMissingKeys(dataFolder);
  let server = '';
  const launch = (log: BoundedLog) =>
    notAsked(
      launchPostgres({
        name: 'keys',
        dataFolder: keysFolder(dataFolder),
        port: keys.port,
        portSetting: keys.portSetting,
        settings: { ...settings, max_connections: String(connections) },
        walSegmentMegabytes,
        log,
        register,
        onNotice: print,
        onUrl: (url) => (server = url),
      }),
    );
  return {
    processes: [tools.supervised('keys', launch)],
    url: () => `${server}/${keysDatabaseName}`,
    inWords: ', the keys',
  };
}

/**
 * Spares an idle system the process that PostgreSQL forks for each question of the supervisor. The
 * services say when the keys do not answer them.
 */
const notAsked =
  (launch: Launch): Launch =>
  async (signal) => ({ ...(await launch(signal)), answer: () => Promise.resolve() });
