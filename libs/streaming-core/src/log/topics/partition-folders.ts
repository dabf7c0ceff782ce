import { partitionName } from '../data-folder/log-checkpoints.ts';
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../../runtime/index.ts';
import { ProtocolError } from '../../protocol/errors.ts';
import type { Disk } from '../disk/disk.ts';
import { segmentName } from '../data-folder/folder-listing.ts';
import type { TopicDescription } from './topic-catalog.ts';
import { uuidToBase64 } from '../data-folder/data-folder.ts';

const nameBytesMax = 255;
/**
 * Kafka's suffix for the folders of deleted partitions. A folder with a similar name may belong to
 * someone else.
 */
const setAsideName = /\.[0-9a-f]{32}-delete$/;

export const partitionFolder = (dataFolder: string, topic: string, partition: number): string =>
  join(dataFolder, partitionName(topic, partition));

interface FromPartition {
  readonly from: number;
}

const partitionsOf = (topic: TopicDescription, { from }: FromPartition = { from: 0 }): number[] =>
  [...Array(topic.partitions).keys()].slice(from);

/**
 * Creates the folders of new partitions, each with an empty first segment. They are on disk when
 * the promise resolves.
 */
export async function createPartitionFolders(
  disk: Disk,
  dataFolder: string,
  topic: TopicDescription,
  added: FromPartition,
): Promise<void> {
  const folders = partitionsOf(topic, added).map((partition) =>
    partitionFolder(dataFolder, topic.name, partition),
  );
  const outcomes = await Promise.allSettled(
    folders.map((folder) => createPartitionFolder(disk, folder, topic)),
  );
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  await disk.syncPath(dataFolder);
}

async function createPartitionFolder(disk: Disk, folder: string, topic: TopicDescription): Promise<void> {
  if (existsSync(folder))
    throw new ProtocolError(
      'KAFKA_STORAGE_ERROR',
      `${folder} holds data of an unknown topic: move it away, then create the topic`,
    );
  await mkdir(folder);
  await writeFile(join(folder, 'partition.metadata'), `version: 0\ntopic_id: ${uuidToBase64(topic.topicId)}`);
  await writeFile(join(folder, `${segmentName(0n)}.log`), '');
  await disk.syncPath(folder);
}

/** Cleans up after a creation that failed halfway. */
export function removeUnusedPartitions(
  dataFolder: string,
  topic: TopicDescription,
  added: FromPartition,
): void {
  for (const partition of partitionsOf(topic, added)) {
    const folder = partitionFolder(dataFolder, topic.name, partition);
    if (existsSync(folder) && isUnusedPartition(folder)) rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Renames the folders durably to names that no topic can have, and then deletes them, which may
 * take long.
 */
export async function removePartitionFolders(
  disk: Disk,
  dataFolder: string,
  topic: TopicDescription,
  newUuid: () => string,
): Promise<void> {
  const renamed = await Promise.all(
    partitionsOf(topic).map((partition) =>
      setAside(dataFolder, partitionName(topic.name, partition), newUuid),
    ),
  );
  await disk.syncPath(dataFolder);
  for (const path of renamed) if (path !== undefined) await rm(path, { recursive: true, force: true });
}

/** Returns undefined if an earlier attempt has already renamed the folder. */
async function setAside(
  dataFolder: string,
  name: string,
  newUuid: () => string,
): Promise<string | undefined> {
  const suffix = `.${newUuid().replaceAll('-', '')}-delete`;
  const aside = join(dataFolder, `${name.slice(0, nameBytesMax - suffix.length)}${suffix}`);
  try {
    await rename(join(dataFolder, name), aside);
    return aside;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Deletes what a crash left behind: renamed folders, and those of a topic whose creation never
 * finished. Leaves any other folder alone and logs a warning.
 */
export function removeLeftovers(
  dataFolder: string,
  topics: Iterable<TopicDescription>,
  logger: Logger,
): void {
  const wanted = new Set(
    [...topics].flatMap((topic) =>
      partitionsOf(topic).map((partition) => partitionName(topic.name, partition)),
    ),
  );
  for (const entry of readdirSync(dataFolder, { withFileTypes: true })) {
    if (!entry.isDirectory() || wanted.has(entry.name)) continue;
    const path = join(dataFolder, entry.name);
    if (setAsideName.test(entry.name) || isUnusedPartition(path))
      rmSync(path, { recursive: true, force: true });
    else
      logger.warn(
        { path },
        'the broker ignores the folder of an unknown topic: move it away if it is not needed',
      );
  }
}

function isUnusedPartition(path: string): boolean {
  if (!/-\d+$/.test(path)) return false;
  const files = readdirSync(path);
  const ours = files.every((name) => name === 'partition.metadata' || name === `${segmentName(0n)}.log`);
  return (
    ours && files.every((name) => name === 'partition.metadata' || statSync(join(path, name)).size === 0)
  );
}
