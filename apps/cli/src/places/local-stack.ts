import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Call } from '../command/command.ts';
import { CommandFailed } from '../command/failures.ts';
import { dataFolderOf, placesName } from './data-folder.ts';

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

const formatVersion = 1;

/** Returns the stack that runs on the data folder, or undefined. */
export function findLocalStack(call: Pick<Call, 'session' | 'options'>): LocalStack | undefined {
  const dataFolder = dataFolderOf(call);
  const text = readIfPresent(join(dataFolder, placesName));
  if (text === undefined) return undefined;
  const places = JSON.parse(text) as LocalStack & { readonly version: unknown };
  if (places.version !== formatVersion)
    throw new CommandFailed(
      `the stack on ${dataFolder} was started by another version of Millrace: use the command line of that version`,
    );
  return isAlive(places.pid) ? { ...places, dataFolder } : undefined;
}

/** Like `findLocalStack`, but throws if no stack runs. `orElse` says what to give instead of one. */
export function localStack(call: Pick<Call, 'session' | 'options'>, orElse: string): LocalStack {
  const stack = findLocalStack(call);
  if (stack === undefined) throw noStack(call, orElse);
  return stack;
}

/** The error for a call that names no place where no stack runs. */
export const noStack = (call: Pick<Call, 'session' | 'options'>, orElse: string): CommandFailed =>
  new CommandFailed(
    `no stack runs on ${dataFolderOf(call)}: start it with npm start, name its folder with --data, or ${orElse}`,
  );

function readIfPresent(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new CommandFailed(
      `${file} cannot be read (${(error as NodeJS.ErrnoException).code}): run this as the user who started the stack`,
      { cause: error },
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
