import { join } from 'node:path';
import { ChecksummedFile } from '../data-folder/checksummed-file.ts';
import { DataFolderError } from '../data-folder/data-folder-error.ts';
import type { Disk } from '../disk/disk.ts';
import { checkpointFiles, readOffsets } from '../data-folder/offset-checkpoint.ts';
import type { TopicDescription } from '../topic-description.ts';

/** A topic that is being deleted stays listed until its folders are gone. */
export interface StoredTopic extends TopicDescription {
  readonly deleting: boolean;
  /** The start of the broker in which the topic was created, as counted by `broker-starts.ts`. */
  readonly createdInStart: number;
}

interface TopicEntry {
  readonly name: string;
  readonly topicId: string;
  readonly partitions: number;
  readonly internal: boolean;
  readonly deleting?: true;
  readonly createdInStart: number;
  readonly configs: Readonly<Record<string, string>>;
}

const file = new ChecksummedFile<readonly TopicEntry[]>({
  name: 'topics.json',
  field: 'topics',
  remedy: 'restore it from a copy',
});

/** Replaces the list of all topics durably. A crash leaves the old or the new list. */
export async function writeTopics(disk: Disk, folder: string, topics: Iterable<StoredTopic>): Promise<void> {
  const entries = [...topics].map(({ configs, deleting, ...topic }): TopicEntry => ({
    ...topic,
    ...(deleting ? { deleting } : {}),
    configs: Object.fromEntries(configs),
  }));
  await disk.replaceFile(join(folder, file.name), file.textOf(entries));
}

export function readTopics(folder: string): StoredTopic[] {
  const entries = file.read(folder);
  const partitions = readOffsets(folder, checkpointFiles.recoveryPoint)?.size ?? 0;
  if (entries === undefined && partitions > 0)
    throw new DataFolderError(
      `${join(folder, file.name)} is missing though the folder has ${partitions} partitions: ` +
        'restore it from a copy, or set an empty folder',
    );
  return (entries ?? []).map(({ configs, deleting, ...topic }) => ({
    ...topic,
    deleting: deleting === true,
    configs: new Map(Object.entries(configs)),
  }));
}
