import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LocalStack } from '@millrace/operations/client';

/** `findLocalStack` of the operators' programs reads it. */
export const addressesFile = 'places.json';
const formatVersion = 1;

/** The addresses of a running stack, for programs beside it such as the command line. */
export interface PublishedAddresses extends Omit<
  LocalStack,
  'pid' | 'dataFolder' | 'operators' | 'supervisor'
> {
  readonly supervisor: NonNullable<LocalStack['supervisor']>;
  readonly operators: Readonly<Record<string, string>>;
  readonly keysUrl: string;
}

/**
 * Writes the addresses into the data folder, for this user only because they contain a password and a token.
 * Returns a function that removes them. If the stack is killed, the file stays, and its process id
 * tells readers that nothing runs.
 */
export function publishAddresses(dataFolder: string, addresses: PublishedAddresses): () => void {
  const file = join(dataFolder, addressesFile);
  const unfinished = `${file}.unfinished`;
  writeFileSync(unfinished, JSON.stringify({ version: formatVersion, pid: process.pid, ...addresses }), {
    mode: 0o600,
  });
  renameSync(unfinished, file);
  return () => rmSync(file, { force: true });
}
