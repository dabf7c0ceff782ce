import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDiskFull, type Disk } from '../disk/disk.ts';

const fileName = 'broker-starts';

/**
 * Counts the starts of the broker on this folder, from which `leaderEpochIn` computes the leader
 * epochs. The count is on disk before anything is written in the new epoch. On a full disk the
 * count stays the same, so that the broker can serve the records that it has.
 */
export async function countStart(disk: Disk, folder: string): Promise<number> {
  const path = join(folder, fileName);
  const text = existsSync(path) ? readFileSync(path, 'utf8').trim() : '0';
  if (!/^\d{1,9}$/.test(text)) throw new Error(`${path} cannot be read: restore it from a copy`);
  const starts = Number(text) + 1;
  try {
    await disk.replaceFile(path, `${starts}\n`);
    return starts;
  } catch (error) {
    if (!isDiskFull(error)) throw error;
    return Number(text);
  }
}

/**
 * The leader epoch of a topic's partitions: 0 until the broker that created the topic stops, and 2
 * more for each start after that. A single Apache Kafka node counts the same way: one for the loss
 * of the leader, one for the election of the same node.
 */
export const leaderEpochIn = (start: number, topic: { readonly createdInStart: number }): number =>
  2 * (start - topic.createdInStart);
