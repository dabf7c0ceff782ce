import { accessSync, constants, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FolderInUse, lockFolder, makeFolder } from '@millrace/streaming-core/runtime';
import { StreamsError } from './streams-error.ts';

/** The folder in which one process keeps the state of one application. */
export interface StateFolder {
  readonly path: string;
  /** A UUID that stays the same for the folder, and so identifies the process across restarts. */
  readonly processId: string;
  /** Releases the folder for another process. */
  release(): void;
}

/**
 * Opens the folder of an application exclusively. Two processes with one folder would have the same
 * process id, and would fence each other's transactions forever. Throws `state_folder_taken` if
 * another running process has the folder.
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

/** Returns the id of the folder. A file that a crash has left half written gets a new one. */
function readProcessId(path: string, newUuid: () => string): string {
  const found = readIfThere(path);
  if (found !== undefined && uuid.test(found)) return found;
  const created = newUuid();
  writeFileSync(path, created);
  return created;
}

/** Returns the text of a file, or undefined if there is none. */
function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

const fileName = 'topology.txt';

/**
 * Compares the stores of the topology with the state in the folder, and records the topology.
 * Generated names change when an operator is added before them, and the state under the old name
 * would silently be left behind. Throws `topology_changed` if a store has disappeared, unless the
 * change is allowed.
 */
export function checkTopologyFile(
  folder: string,
  { description, storeNames }: { readonly description: string; readonly storeNames: readonly string[] },
  allowTopologyChange: boolean,
): void {
  const path = join(folder, fileName);
  const former = readIfThere(path);
  if (former !== undefined && !allowTopologyChange) refuseLostStores(path, former, storeNames);
  writeFileSync(path, `${storesLine(storeNames)}\n${description}`);
}

function refuseLostStores(path: string, former: string, storeNames: readonly string[]): void {
  const lost = storesOf(former).filter((name) => !storeNames.includes(name));
  if (lost.length === 0) return;
  throw new StreamsError(
    'topology_changed',
    `the topology has no store ${lost.join(', ')} any more, which ${path} has: give the store its former ` +
      'name with materialized(name), or set allowTopologyChange to give up its state',
  );
}

const prefix = 'Stores: ';

const storesLine = (names: readonly string[]): string => `${prefix}${names.toSorted().join(', ')}`;

function storesOf(text: string): readonly string[] {
  const [line = ''] = text.split('\n', 1);
  return line.startsWith(prefix) ? line.slice(prefix.length).split(', ').filter(Boolean) : [];
}
