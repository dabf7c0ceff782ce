import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const placesName = 'places.json';
const formatVersion = 1;

/** The addresses of a running stack, for programs beside it such as the command line. */
export interface PublishedPlaces {
  readonly engine: 'embedded' | 'kafka' | 'existing';
  /** `HOST:PORT`, several separated by commas. */
  readonly bootstrapServers: string;
  /** `postgres://user:password@host:port`, without a database. */
  readonly postgresUrl: string;
  /** The database of the keys. */
  readonly keysUrl: string;
  /** The databases of each service, its own first. */
  readonly databases: Readonly<Record<string, readonly string[]>>;
  /** The URL of every service process, such as `order` and `order-2`. */
  readonly instances: Readonly<Record<string, string>>;
  /** The URL of the operator API of every service process. */
  readonly operators: Readonly<Record<string, string>>;
  readonly mailFolder: string;
  readonly logFolder: string;
}

/**
 * Writes the places into the data folder, for this user only because they contain a password.
 * Returns a function that removes them. If the stack is killed, the file stays, and its process id
 * tells readers that nothing runs.
 */
export function publishPlaces(dataFolder: string, places: PublishedPlaces): () => void {
  const file = join(dataFolder, placesName);
  const unfinished = `${file}.unfinished`;
  writeFileSync(unfinished, JSON.stringify({ version: formatVersion, pid: process.pid, ...places }), {
    mode: 0o600,
  });
  renameSync(unfinished, file);
  return () => rmSync(file, { force: true });
}
