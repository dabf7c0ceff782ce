import { accessSync, constants, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FolderInUse, lockFolder, makeFolder } from '@millrace/streaming-core/runtime';
import { StreamsError } from './streams-error.ts';

/** The folder in which one process keeps the state of one application. */
export interface StateFolder {
  readonly path: string;
  /** A UUID that stays the same for the folder, and so names the process across restarts. */
  readonly processId: string;
  /** Lets another process use the folder. */
  release(): void;
}

/**
 * Opens the folder of an application for this process alone. Two processes with one folder would
 * have the same process id, and so fence each other's transactions for ever. Throws
 * `state_folder_taken` if another process that still runs has the folder.
 */
export function openStateFolder(stateDir: string, applicationId: string, newUuid: () => string): StateFolder {
  const path = join(stateDir, applicationId);
  makeWritable(path);
  const release = lock(path, newUuid);
  try {
    return { path, processId: readProcessId(join(path, 'process-id'), newUuid), release };
  } catch (error) {
    release();
    throw error;
  }
}

function makeWritable(path: string): void {
  try {
    makeFolder(path);
    accessSync(path, constants.W_OK);
  } catch (cause) {
    throw new StreamsError(
      'state_folder_failed',
      `the state folder ${path} cannot be written (${(cause as Error).message}): ` +
        'give a stateDir that this process may write to',
      { cause },
    );
  }
}

function lock(path: string, newUuid: () => string): () => void {
  try {
    return lockFolder(path, newUuid);
  } catch (error) {
    if (!(error instanceof FolderInUse)) throw error;
    throw new StreamsError(
      'state_folder_taken',
      `the state folder ${path} is in use by ${error.holder}: give each process a stateDir of its own, ` +
        'or stop that one',
      { cause: error },
    );
  }
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A file that a crash has left half written gets a new id. */
function readProcessId(path: string, newUuid: () => string): string {
  const found = readIfThere(path);
  if (found !== undefined && uuid.test(found)) return found;
  const created = newUuid();
  writeFileSync(path, created);
  return created;
}

/** Returns the text of a file, or undefined if there is none. */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
