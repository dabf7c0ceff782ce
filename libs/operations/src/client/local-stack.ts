import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { OperationFailed } from './errors.ts';

/** The addresses and folders of a stack that runs on this machine. */
export interface LocalStack {
  readonly dataFolder: string;
  /** The process id of the supervisor. */
  readonly pid: number;
  readonly engine: 'embedded' | 'kafka' | 'existing';
  /** `HOST:PORT`, several separated by commas. */
  readonly bootstrapServers: string;
  /** `postgres://user:password@host:port`, without a database. */
  readonly postgresUrl: string;
  /** The databases of each service by its name: first its own, then that of its read models. */
  readonly databases: Readonly<Record<string, readonly string[]>>;
  /** The URL of every service process, such as `order` and `order-2`. */
  readonly instances: Readonly<Record<string, string>>;
  /** The URL of the operator API of every service process. */
  readonly operators?: Readonly<Record<string, string>>;
  readonly mailFolder: string;
  readonly logFolder: string;
}

/** The file of a data folder in which a running stack publishes its addresses. */
const addressesFile = 'places.json';
const formatVersion = 1;

/** The folder of `npm start`, and those of its options `--kafka` and `--base-port`. */
const defaultFolder = /^\.millrace(-kafka)?(-\d{4,5})?$/;

/**
 * Returns the default data folder in which a stack runs, `.millrace` before others, or else
 * `.millrace`.
 */
export function defaultDataFolder(workspace: string): string {
  const running = readdirSync(workspace)
    .filter((name) => defaultFolder.test(name) && existsSync(join(workspace, name, addressesFile)))
    .sort(
      (one, other) => Number(one !== '.millrace') - Number(other !== '.millrace') || one.localeCompare(other),
    );
  return resolve(workspace, running[0] ?? '.millrace');
}

/** Returns the stack that runs on the data folder, or undefined. */
export function findLocalStack(dataFolder: string): LocalStack | undefined {
  const text = readIfPresent(join(dataFolder, addressesFile));
  if (text === undefined) return undefined;
  const stack = JSON.parse(text) as LocalStack & { readonly version: unknown };
  if (stack.version !== formatVersion)
    throw new OperationFailed(
      `the stack on ${dataFolder} was started by another version of Millrace: use the command line of that version`,
    );
  return isAlive(stack.pid) ? { ...stack, dataFolder } : undefined;
}

function readIfPresent(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new OperationFailed(
      `${file} cannot be read (${code}): run this as the user who started the stack`,
      { cause },
    );
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // it is another user's
  }
}
