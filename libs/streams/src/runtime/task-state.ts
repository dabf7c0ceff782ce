import { join } from 'node:path';
import type { OpenLogReader, TopicIdentity, TopicPartition } from '@millrace/streaming-core/client';
import { days, makeFolder, type Clock, type Logger } from '@millrace/streaming-core/runtime';
import { existsSync, readdirSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { TaskCopy } from '../assignment/task-copies.ts';
import type { TaskPlan } from '../assignment/tasks.ts';
import { openStateFile } from '../state/sqlite/open-state-file.ts';
import { SqliteMeta } from '../state/sqlite/sqlite-meta.ts';
import type { ExpectedChangelog, ExpectedState } from '../state/state-meta.ts';
import type { StoreEngine } from '../state/store-engine.ts';

/** The facts that the state of each task must match, by the name of the task. */
export type ExpectedStates = ReadonlyMap<string, ExpectedState>;

interface ExpectationParts {
  readonly ends: Pick<OpenLogReader, 'identify' | 'beginningOffsets' | 'endOffsets'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly bootId: string;
  /** Any existing topic, from which the id of the cluster is read. */
  readonly knownTopic: string;
}

/** The default of `delete.retention.ms`, which internal topics do not change. */
const deleteRetentionMs = days(1);

/** Reads from the log the facts that the state of these tasks must match. */
export async function expectedStates(
  plans: readonly TaskPlan[],
  { ends, clock, bootId, knownTopic }: ExpectationParts,
): Promise<ExpectedStates> {
  const places = plans.flatMap(({ changelogs }) => changelogs);
  const topics = new Set(places.map(({ topic }) => topic)).add(knownTopic);
  const [identities, starts, endings] = await Promise.all([
    ends.identify([...topics]),
    ends.beginningOffsets(places),
    ends.endOffsets(places),
  ]);
  const clusterId = identities.get(knownTopic)?.clusterId ?? '';
  let at = 0;
  return new Map(
    plans.map(({ name, changelogs }) => {
      const expected = changelogs.map(({ topic }): [string, ExpectedChangelog] => {
        const startOffset = starts[at]!.offset;
        const endOffset = endings[at]!.offset;
        at += 1;
        return [topic, { topicId: topicIdOf(identities, topic), startOffset, endOffset, deleteRetentionMs }];
      });
      return [name, { clusterId, bootId, nowMs: clock.now(), changelogs: new Map(expected) }];
    }),
  );
}

const topicIdOf = (identities: ReadonlyMap<string, TopicIdentity>, topic: string): string =>
  identities.get(topic)?.topicId ?? '';

/**
 * Opens the state of a task. A file that cannot be continued is deleted, and the reason is logged.
 */
export function openTaskState(
  folder: string,
  expected: ExpectedState,
  { clock, logger }: { readonly clock: Pick<Clock, 'now'>; readonly logger: Logger },
): StoreEngine {
  makeFolder(folder);
  const path = join(folder, stateFile);
  const { engine, refused } = openStateFile({ path, now: () => clock.now() }, expected);
  if (refused !== null) {
    logger.warn({ path, reason: refused }, 'the state of a task is restored from its changelogs');
  }
  return engine;
}

/** The file of a task, in its folder. */
const stateFile = 'state.db';

type Ends = ReadonlyArray<TopicPartition & { readonly offset: bigint }>;

/**
 * Returns the copies of tasks that the folder has from before this start, so that tasks are
 * assigned to the process that has their state. Leaves out files that cannot be read.
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
