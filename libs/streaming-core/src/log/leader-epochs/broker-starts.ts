import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDiskFull, type Disk } from '../disk/disk.ts';

const fileName = 'broker-starts';

/**
 * Counts the starts of the broker on this folder: the leader epochs follow from it (`leaderEpochIn`). On disk before anything is written in the
 * new epoch; on a full disk the count stays, so that what is there can be served.
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
 * The leader epoch of a topic's partitions: 0 while the broker runs that made it, 2 more for each start since. Apache Kafka's single node counts so:
 * one for the leader that was lost, one for the same node when it is elected again.
 */
export const leaderEpochIn = (start: number, topic: { readonly createdInStart: number }): number =>
  2 * (start - topic.createdInStart);
