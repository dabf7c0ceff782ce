import { copyFile, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../runtime/make-folder.ts';
import { partitionFolder } from './data-folder/partition-folders.ts';
import { readTopics } from './topics/topic-file.ts';

/** What the broker knows of the folder as a whole before any segment is copied. The names of its own files; those that are missing are left out. */
const first = [
  'meta.properties',
  'topics.json',
  'dynamic-configs.json',
  'broker-starts',
  'recovery-point-offset-checkpoint',
  'cleaner-offset-checkpoint',
];
/**
 * Read last: producer ids given out from here are above every one that a copied segment can hold, and no copied log begins behind its start. One that
 * ends below its start, since more was written and deleted meanwhile, is opened as an empty one there.
 */
const last = ['producer-ids', 'log-start-offset-checkpoint'];
const attemptsMax = 20;

/**
 * Copies a broker's data folder while the broker works. The copy opens as after a crash, with every record that was acknowledged before the call, and
 * perhaps some that came later; of one producer or key never a later one without those before it.
 *
 * Why this order is right: the recovery points come first, so they lie below what is copied of each log, and opening the copy checks every batch
 * from there on, makes the indexes anew and cuts off the batch that was just being written. A segment that another one follows in the listing is
 * finished. How far the cleaner had come is read first, too: what it does later may not be in the copy, and passing for clean there would bring
 * deleted keys back; what it did before is only cleaned again. The list of topics comes before their folders: a topic that is made meanwhile is not in
 * the copy, one that is deleted makes the copy fail.
 */
export async function copyRunningLog(from: string, to: string): Promise<void> {
  makeFolder(to);
  await copyThoseThere(from, to, first);
  for (const { name, partitions } of readTopics(to).filter((topic) => !topic.deleting))
    for (let partition = 0; partition < partitions; partition += 1)
      await copyPartition(partitionFolder(from, name, partition), partitionFolder(to, name, partition));
  await copyThoseThere(from, to, last);
}

/** Once more when segments went or were exchanged meanwhile (retention, compaction): what was copied would be of two logs. */
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

/** False when a segment was gone before its turn came. Files on their way in or out of the folder are no part of the log. */
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

/** By name, which file it is. */
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
