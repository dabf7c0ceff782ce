import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataFolderError } from './storage-errors.ts';
import { replaceFileDurably } from '../disk/disk.ts';

const fileName = 'meta.properties';
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
export async function openFolderIdentity(
  folder: string,
  { newUuid, nodeId }: IdentityOptions,
): Promise<FolderIdentity> {
  const path = join(folder, fileName);
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
