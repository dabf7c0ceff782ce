import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  connectAdmin,
  connectLogReader,
  type Admin,
  type OpenLogReader,
  type PartitionOffset,
  type TopicPartition,
} from '@millrace/streaming-core/client';
import { pause } from '@millrace/streaming-core/runtime';
import { applicationTopicsOf, type ApplicationTopics } from '../assignment/application-topics.ts';
import { resetApplication } from '../reset/reset-application.ts';
import type { Topology } from '../topology/topology.ts';
import { placeName } from './place-name.ts';
import { placeOf } from './stream-clients.ts';
import { connectStreamsUpTo, type StreamsApp } from './streams-app.ts';
import { StreamsError } from './streams-error.ts';
import type { StreamsOptions } from './streams-options.ts';
import { streamsSettings } from './streams-settings.ts';

/** The application gets a group and a state folder of its own, which are deleted at the end. */
export interface BatchOptions extends Omit<
  StreamsOptions,
  'applicationId' | 'stateDir' | 'autoOffsetReset' | 'standbyReplicas'
> {
  /** The name that the group and the internal topics of the run begin with. */
  readonly name: string;
  /** Ends the run early, which then rejects with the reason of the abort. */
  readonly signal?: AbortSignal;
  /** Called several times a second with the number of offsets that are still to be read. */
  readonly onProgress?: (remaining: bigint) => void;
}

const lookEveryMs = 50;

/**
 * Runs a topology once over what its input topics hold now, and returns what `read` finds in its
 * stores. It runs the same tasks as an application that goes on: up to the end offsets that it reads
 * first, and through the internal topics to their ends. So it gives the same numbers as an
 * application that has read as far.
 *
 * Rejects with `StreamsError`: `setting_invalid` for a topology that writes to topics, since each run
 * would write its results again, and what the tasks reject with. Nothing is left on the log or on
 * the disk afterwards, unless the process is killed.
 *
 * @example
 * ```ts
 * import { consumed, materialized, runToEnd, serdes, StreamsBuilder } from '@millrace/streams';
 * import type { ReadOnlyKeyValueStore } from '@millrace/streams';
 *
 * const builder = new StreamsBuilder();
 * builder.stream('words', consumed(serdes.string, serdes.string)).groupByKey().count(materialized('counts'));
 *
 * export const countWords = (bootstrapServers: readonly string[]) =>
 *   runToEnd(builder.build(), { name: 'words-report', bootstrapServers }, (app) => [
 *     ...app.store<ReadOnlyKeyValueStore<string, number>>('counts').all(),
 *   ]);
 * ```
 */
export async function runToEnd<Results>(
  topology: Topology,
  { name, signal, onProgress = () => undefined, ...options }: BatchOptions,
  read: (app: Pick<StreamsApp, 'store'>) => Results,
): Promise<Results> {
  const applicationId = `${name}-${randomUUID()}`;
  const stateDir = await mkdtemp(join(tmpdir(), 'millrace-batch-'));
  const own = {
    guarantee: 'exactly_once_v2',
    commitIntervalMs: 100,
    ...options,
    applicationId,
    stateDir,
  } as const;
  const topics = applicationTopicsOf(topology, applicationId);
  refuseResults(topics);
  const settings = streamsSettings(own);
  const isolation = own.guarantee === 'exactly_once_v2' ? 'read_committed' : 'read_uncommitted';
  await using admin = connectAdmin(placeOf(settings));
  await using reader = connectLogReader({ ...placeOf(settings), isolation });
  const log: RunLog = { admin, reader, applicationId, internal: [...topics.repartitions.keys()] };
  const inputs = topics.subTopologies.flatMap(({ sources }) => sources);
  const partitions = await partitionsOf(
    log,
    inputs.filter((topic) => !topics.repartitions.has(topic)),
  );
  const ends = byName(await reader.endOffsets(partitions));
  const begins = byName(await reader.beginningOffsets(partitions));
  const app = connectStreamsUpTo(topology, own, ends);
  try {
    await app.start();
    for (;;) {
      signal?.throwIfAborted();
      if (app.failure !== undefined) throw app.failure;
      const remaining = await remainingOffsets(log, { ends, begins });
      onProgress(remaining);
      if (remaining === 0n) return read(app);
      await pause(settings.clock, lookEveryMs, signal);
    }
  } finally {
    await app.close();
    await deleteTraces(admin, applicationId);
    await rm(stateDir, { recursive: true, force: true });
  }
}

interface RunLog {
  readonly admin: Admin;
  readonly reader: Pick<OpenLogReader, 'identify' | 'endOffsets' | 'beginningOffsets'>;
  readonly applicationId: string;
  /** The repartition topics. */
  readonly internal: readonly string[];
}

type Offsets = ReadonlyMap<string, bigint>;

const byName = (offsets: readonly PartitionOffset[]): Offsets =>
  new Map(offsets.map((place) => [placeName(place), place.offset]));

async function partitionsOf(
  { reader }: RunLog,
  topics: readonly string[],
): Promise<readonly TopicPartition[]> {
  const found = await reader.identify(topics);
  return [...found].flatMap(([topic, { partitions }]) =>
    Array.from({ length: partitions }, (_, partition) => ({ topic, partition })),
  );
}

/**
 * Counts the offsets that the group has not committed yet. The ends of the internal topics are read
 * after the commits: a record that a commit has written is then among them.
 */
async function remainingOffsets(
  log: RunLog,
  { ends, begins }: { readonly ends: Offsets; readonly begins: Offsets },
): Promise<bigint> {
  const committed = byName(await log.admin.committedOffsets(log.applicationId));
  const internal = byName(await log.reader.endOffsets(await partitionsOf(log, log.internal)));
  const left = ([name, end]: readonly [string, bigint]) =>
    end - (committed.get(name) ?? begins.get(name) ?? 0n);
  return [...ends, ...internal].map(left).reduce((sum, each) => (each > 0n ? sum + each : sum), 0n);
}

function refuseResults({ subTopologies, repartitions }: ApplicationTopics): void {
  const topic = subTopologies.flatMap(({ sinks }) => sinks).find((sink) => !repartitions.has(sink));
  if (topic === undefined) return;
  throw new StreamsError(
    'setting_invalid',
    `the topology writes to ${topic}, where each run would write its results again: give it a topology that ` +
      'keeps its results in stores',
  );
}

/** Deletes the internal topics and the group. */
async function deleteTraces(admin: Admin, applicationId: string): Promise<void> {
  await resetApplication(admin, { applicationId });
  const isLeft = (await admin.groups.list()).some(({ groupId }) => groupId === applicationId);
  if (isLeft) await admin.groups.delete([applicationId]);
}
