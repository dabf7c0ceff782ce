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

/** The list of topics: what is in here exists. Replaced whole and durably, so that a crash leaves one list or the other. */
export async function writeTopics(disk: Disk, folder: string, topics: Iterable<StoredTopic>): Promise<void> {
  const entries = [...topics].map(({ configs, deleting, ...topic }): TopicEntry => ({
    ...topic,
    ...(deleting ? { deleting } : {}),
    configs: Object.fromEntries(configs),
  }));
  await disk.replaceFile(join(folder, fileName), `${JSON.stringify({ version, topics: entries }, undefined, 2)}\n`);
}

export function readTopics(folder: string): StoredTopic[] {
  const path = join(folder, fileName);
  if (!existsSync(path)) return [];
  const stored = parse(path);
  if (stored.version !== version)
    throw new DataFolderError(
      `${path} has version ${stored.version}, this broker knows ${version}: run the newer broker, or set another folder`,
    );
  return stored.topics.map(({ configs, deleting, ...topic }) => ({
    ...topic,
    createdInStart: topic.createdInStart ?? 0,
    deleting: deleting === true,
    configs: new Map(Object.entries(configs)),
  }));
}

function parse(path: string): { readonly version: number; readonly topics: readonly TopicEntry[] } {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as { version: number; topics: TopicEntry[] };
  } catch (error) {
    throw new DataFolderError(`${path} cannot be read: restore it from a copy`, { cause: error });
  }
}
