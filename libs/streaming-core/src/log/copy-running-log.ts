import { copyFile, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../runtime/folders.ts';
import { partitionFolder } from './topics/partition-folders.ts';
import { readTopics } from './topics/topic-catalog.ts';

/**
 * The files about the folder as a whole that are copied before any segment. Missing ones are
 * skipped.
 */
const first = [
  'meta.properties',
  'topics.json',
  'dynamic-configs.json',
  'broker-starts',
  'recovery-point-offset-checkpoint',
  'cleaner-offset-checkpoint',
];
/**
 * The files that are copied last. Producer ids that are allocated from here on are higher than any
 * in a copied segment, and no copied log begins after its log start offset. A log that ends below
 * its start, since more was written and deleted in the meantime, is opened as an empty log that
 * begins at the start.
 */
const last = ['producer-ids', 'log-start-offset-checkpoint'];
const attemptsMax = 20;

/**
 * Copies a broker's data folder while the broker runs. The copy opens like after a crash. It has
 * every record that was acknowledged before the call, and perhaps some later ones, but never a
 * later record of a producer or key without the earlier ones.
 *
 * Why this order is right:
 * - The recovery points come first, so they are at or below the end of each copied log. Opening the
 *   copy checks every batch from there on, rebuilds the indexes and truncates a half-written batch.
 * - A segment that is followed by another one in the listing is finished.
 * - The cleaner's checkpoint comes first, too. The copy may lack what the cleaner does later: if
 *   that counted as cleaned, deleted keys would come back. What it did earlier is cleaned again.
 * - The list of topics comes before their folders: a topic that is created in the meantime is not
 *   in the copy, and one that is deleted makes the copy fail.
 */
export async function copyRunningLog(from: string, to: string): Promise<void> {
  makeFolder(to);
  await copyThoseThere(from, to, first);
  for (const { name, partitions } of readTopics(to).filter((topic) => !topic.deleting))
    for (let partition = 0; partition < partitions; partition += 1)
      await copyPartition(partitionFolder(from, name, partition), partitionFolder(to, name, partition));
  await copyThoseThere(from, to, last);
}

/**
 * Copies again if retention or compaction removed or replaced segments in the meantime, because the
 * copy would mix two states of the log.
 */
async function copyPartition(from: string, to: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    await rm(to, { recursive: true, force: true });
    await mkdir(to);
    const before = await segmentsIn(from);
    const whole = await copyFiles(from, to);
    const after = await segmentsIn(from);
    if (whole && [...before].every(([name, file]) => after.get(name) === file)) return;
    if (attempt === attemptsMax)
      throw new Error(`${from} changed ${attemptsMax} times while it was copied: try again`);
  }
}

/**
 * Returns false if a segment was deleted before it could be copied. Skips files that are being
 * created or deleted, which are not part of the log.
 */
async function copyFiles(from: string, to: string): Promise<boolean> {
  const names = (await readdir(from)).filter((name) => !/\.(tmp|cleaned|swap|deleted)$/.test(name));
  let whole = true;
  for (const name of names.sort())
    await copyFile(join(from, name), join(to, name)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      if (name.endsWith('.log')) whole = false;
    });
  return whole;
}

/** The inode of each segment, by name. */
async function segmentsIn(folder: string): Promise<ReadonlyMap<string, bigint>> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.log'));
  const files = await Promise.all(
    names.map(
      async (name) =>
        [
          name,
          (await stat(join(folder, name), { bigint: true }).catch(() => undefined))?.ino ?? -1n,
        ] as const,
    ),
  );
  return new Map(files);
}

async function copyThoseThere(from: string, to: string, names: readonly string[]): Promise<void> {
  const there = new Set(await readdir(from));
  for (const name of names.filter((wanted) => there.has(wanted)))
    await copyFile(join(from, name), join(to, name));
}
