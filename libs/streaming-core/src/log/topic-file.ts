import { crc32c } from '@node-rs/crc32';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataFolderError } from './data-folder-error.ts';
import type { Disk } from './disk.ts';
import type { TopicDescription } from './types.ts';

const fileName = 'topics.json';
const version = 1;

/** A topic whose deletion was decided stays listed until its folders are gone. */
export interface StoredTopic extends TopicDescription {
  readonly deleting: boolean;
  /** By the count of `broker-starts.ts`. */
  readonly createdInStart: number;
}

interface TopicEntry {
  readonly name: string;
  readonly topicId: string;
  readonly partitions: number;
  readonly internal: boolean;
  readonly deleting?: true;
  /** Missing where a broker wrote it that did not count. */
  readonly createdInStart?: number;
  readonly configs: Readonly<Record<string, string>>;
}

interface TopicsFile {
  readonly version: number;
  /** CRC-32C of the topics, as JSON without spaces; missing where an older broker wrote the file. */
  readonly checksum?: number;
  readonly topics: readonly TopicEntry[];
}

const checksumOf = (topics: readonly TopicEntry[]): number => crc32c(JSON.stringify(topics));

/** The list of topics: what is in here exists. Replaced whole and durably, so that a crash leaves one list or the other. */
export async function writeTopics(disk: Disk, folder: string, topics: Iterable<StoredTopic>): Promise<void> {
  const entries = [...topics].map(({ configs, deleting, ...topic }): TopicEntry => ({
    ...topic,
    ...(deleting ? { deleting } : {}),
    configs: Object.fromEntries(configs),
  }));
  const file: TopicsFile = { version, checksum: checksumOf(entries), topics: entries };
  await disk.replaceFile(join(folder, fileName), `${JSON.stringify(file, undefined, 2)}\n`);
}

export function readTopics(folder: string): StoredTopic[] {
  const path = join(folder, fileName);
  if (!existsSync(path)) return [];
  const stored = parse(path);
  if (stored.version !== version)
    throw new DataFolderError(
      `${path} has version ${stored.version}, this broker knows ${version}: run the newer broker, or set another folder`,
    );
  if (stored.checksum !== undefined && stored.checksum !== checksumOf(stored.topics))
    throw new DataFolderError(`${path} is damaged, its checksum does not fit: restore it from a copy`);
  return stored.topics.map(({ configs, deleting, ...topic }) => ({
    ...topic,
    createdInStart: topic.createdInStart ?? 0,
    deleting: deleting === true,
    configs: new Map(Object.entries(configs)),
  }));
}

function parse(path: string): TopicsFile {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as TopicsFile;
  } catch (error) {
    throw new DataFolderError(`${path} cannot be read: restore it from a copy`, { cause: error });
  }
}
