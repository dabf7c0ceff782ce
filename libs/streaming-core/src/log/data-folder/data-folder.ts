import { resolve, join } from 'node:path';
import { existsSync, rmSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { FolderInUse, lockFolder, makeFolder } from '../../runtime/folders.ts';
import { DataFolderError, orDataFolderError } from './storage-errors.ts';
import { type Disk, syncFolderNow, replaceFileDurably } from '../disk/disk.ts';

/** A folder on disk that holds the files of one broker, locked for this process. */
export interface DataFolder {
  readonly path: string;
  /** It never changes during the life of the folder. */
  readonly clusterId: string;
  /** Releases the lock. */
  release(): void;
}

interface DataFolderOptions {
  /** Created if it does not exist. */
  readonly dataFolder: string;
  readonly nodeId: number;
  readonly newUuid: () => string;
}

/**
 * Opens a data folder for `use`, and releases it if `use` fails. Throws DataFolderError if the
 * folder is in use, has another format or cannot be read.
 */
export async function withDataFolder<Result>(
  options: DataFolderOptions,
  use: (folder: DataFolder) => Promise<Result>,
): Promise<Result> {
  const folder = await openDataFolder(options);
  try {
    return await use(folder);
  } catch (error) {
    folder.release();
    throw error;
  }
}

async function openDataFolder(options: DataFolderOptions): Promise<DataFolder> {
  const path = resolve(options.dataFolder);
  makeFolder(path);
  const release = lockDataFolder(path, options.newUuid);
  try {
    return { path, release, ...(await openFolderIdentity(path, options)) };
  } catch (error) {
    release();
    throw orDataFolderError(path, error);
  }
}

function lockDataFolder(path: string, newUuid: () => string): () => void {
  try {
    return lockFolder(path, newUuid);
  } catch (error) {
    if (!(error instanceof FolderInUse)) throw error;
    throw new DataFolderError(
      `data folder ${path} is in use by ${error.holder}: stop it, or set another folder`,
      { cause: error },
    );
  }
}

/** The name is Kafka's. */
const cleanShutdownFile = '.kafka_cleanshutdown';

/**
 * Removes the mark and returns whether it was there. It counts for one start, because files are
 * written from here on.
 */
export function takeCleanShutdownMark(dataFolder: string): boolean {
  const path = join(dataFolder, cleanShutdownFile);
  if (!existsSync(path)) return false;
  rmSync(path);
  syncFolderNow(dataFolder);
  return true;
}

/** Call this after every file was synced and closed. */
export async function markCleanShutdown(disk: Disk, dataFolder: string): Promise<void> {
  await writeFile(join(dataFolder, cleanShutdownFile), '{"version":0,"brokerEpoch":-1}');
  await disk.syncPath(dataFolder);
}

const metaFile = 'meta.properties';
/**
 * The version of the data folder's format. It rises when an older broker could not read what a
 * newer one writes.
 */
const formatVersion = 2;
/** Kafka's version of the format of this file. */
const kafkaVersion = 1;

interface IdentityOptions {
  readonly newUuid: () => string;
  readonly nodeId: number;
}

interface FolderIdentity {
  readonly clusterId: string;
}

/**
 * Reads the cluster id of a data folder, or creates one for a new folder. Throws DataFolderError
 * for a folder of another format.
 */
async function openFolderIdentity(
  folder: string,
  { newUuid, nodeId }: IdentityOptions,
): Promise<FolderIdentity> {
  const path = join(folder, metaFile);
  if (existsSync(path)) return openKnown(path, readFileSync(path, 'utf8'), nodeId);
  if (existsSync(join(folder, 'topics.json')))
    throw new DataFolderError(
      `${path} is missing though the folder has topics: restore it from a copy, or set an empty folder`,
    );
  const clusterId = uuidToBase64(newUuid());
  const lines = [
    `cluster.id=${clusterId}`,
    `node.id=${nodeId}`,
    `version=${kafkaVersion}`,
    `millrace.format.version=${formatVersion}`,
  ];
  await replaceFileDurably(path, `${lines.join('\n')}\n`);
  return { clusterId };
}

/** Stores the node id, which may change because nothing else depends on it. */
async function openKnown(path: string, text: string, nodeId: number): Promise<FolderIdentity> {
  const { clusterId } = parse(path, text);
  const current = text.replace(/^node\.id=.*$/m, `node.id=${nodeId}`);
  if (current !== text) await replaceFileDurably(path, current);
  return { clusterId };
}

function parse(path: string, text: string): FolderIdentity {
  const lines = text.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('#'));
  const properties = new Map(
    lines.map((line) => [line.slice(0, line.indexOf('=')).trim(), line.slice(line.indexOf('=') + 1).trim()]),
  );
  const version = Number(properties.get('millrace.format.version'));
  if (version > formatVersion)
    throw new DataFolderError(
      `${path} has format version ${version}, but this broker knows ${formatVersion}: ` +
        'run the newer broker, or set another folder',
    );
  if (version < formatVersion)
    throw new DataFolderError(
      `${path} has format version ${version}, but this broker reads ${formatVersion} and later ones: ` +
        'set an empty folder',
    );
  const clusterId = properties.get('cluster.id');
  if (!properties.has('millrace.format.version') && properties.has('version'))
    throw new DataFolderError(
      `${path} was written by Apache Kafka, which lists its topics elsewhere: set an empty folder, ` +
        'and copy the topics from a running Kafka (MirrorMaker)',
    );
  if (Number.isNaN(version) || clusterId === undefined || clusterId === '')
    throw new DataFolderError(`${path} cannot be read: restore it from a copy, or set an empty folder`);
  return { clusterId };
}

/** Kafka's text form of a UUID: 22 characters of base64url. */
export const uuidToBase64 = (uuid: string): string =>
  Buffer.from(uuid.replaceAll('-', ''), 'hex').toString('base64url');
