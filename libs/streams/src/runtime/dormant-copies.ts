import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { TopicPartition } from '@millrace/streaming-core/client';
import type { TaskCopy } from '../assignment/task-copies.ts';
import type { TaskPlan } from '../assignment/tasks.ts';
import { SqliteMeta } from '../state/sqlite/sqlite-meta.ts';
import { stateFile } from './task-state.ts';

type Ends = ReadonlyArray<TopicPartition & { readonly offset: bigint }>;

/**
 * Returns what the folder has of tasks from before this start, so that they are assigned to where
 * their state is. Leaves out files that cannot be read.
 */
export async function dormantCopies(
  folder: string,
  plans: readonly TaskPlan[],
  endOffsets: (places: readonly TopicPartition[]) => Promise<Ends>,
): Promise<ReadonlyMap<string, TaskCopy>> {
  const names = new Set(readdirSync(folder));
  const kept = plans.filter(({ name }) => names.has(name) && existsSync(join(folder, name, stateFile)));
  const places = kept.flatMap(({ changelogs }) => changelogs);
  const ends = await endOffsets(places);
  const copies = new Map<string, TaskCopy>();
  for (const { name, changelogs } of kept) {
    const offsets = readOffsets(join(folder, name, stateFile), changelogs);
    const lag = changelogs.reduce((sum, { topic, partition }) => {
      const end = ends.find((one) => one.topic === topic && one.partition === partition)?.offset ?? 0n;
      return sum + end - (offsets?.get(topic) ?? 0n);
    }, 0n);
    if (offsets !== undefined) copies.set(name, { role: 'dormant', lagRecords: Math.max(0, Number(lag)) });
  }
  return copies;
}

function readOffsets(
  path: string,
  changelogs: readonly TopicPartition[],
): ReadonlyMap<string, bigint> | undefined {
  try {
    using database = new DatabaseSync(path, { readOnly: true });
    const meta = new SqliteMeta(database);
    return new Map(changelogs.map(({ topic }) => [topic, meta.offset(topic) ?? 0n]));
  } catch {
    return undefined;
  }
}
