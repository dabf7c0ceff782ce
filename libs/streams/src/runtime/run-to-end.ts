import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  connectAdmin,
  connectLogReader,
  type Admin,
  type LogReaderOptions,
} from '@millrace/streaming-core/client';
import { pause } from '@millrace/streaming-core/runtime';
import { applicationTopicsOf } from '../assignment/application-topics.ts';
import { resetApplication } from '../reset/reset-application.ts';
import type { Topology } from '../topology/topology.ts';
import { placeName } from './place-name.ts';
import { placeOf } from './stream-clients.ts';
import { connectStreamsUpTo, type StreamsApp } from './streams-app.ts';
import { StreamsError } from './streams-error.ts';
import type { ErrorPolicy, StreamsOptions, StreamsSettings } from './streams-options.ts';
import { streamsSettings } from './streams-settings.ts';

/** The answer of a batch to a record that cannot be decoded or processed. */
type BatchErrorPolicy = Extract<ErrorPolicy, string>;

/** The application gets a group and a state folder of its own, which are deleted at the end. */
export interface BatchOptions extends Omit<
  StreamsOptions,
  | 'applicationId'
  | 'stateDir'
  | 'autoOffsetReset'
  | 'standbyReplicas'
  | 'onDeserializationError'
  | 'onProcessingError'
  | 'onProductionError'
> {
  /** The group and the internal topics of the run begin with this name. */
  readonly name: string;
  /** Ends the run early, which then rejects with the reason of the abort. */
  readonly signal?: AbortSignal;
  /** Called several times a second with the number of offsets that are still to be read. */
  readonly onProgress?: (remaining: bigint) => void;
  readonly onDeserializationError?: BatchErrorPolicy;
  readonly onProcessingError?: BatchErrorPolicy;
}

const lookEveryMs = 50;

/**
 * Runs a topology once over what its input topics hold now, from their beginning, and returns what
 * `read` finds in its stores. It runs the same tasks as a live application, but stops at the end
 * offsets that it reads at its start, and reads the internal topics to their ends. So it gives the
 * same numbers as an application that has read as far.
 *
 * Rejects with `StreamsError`: `setting_invalid` for a topology that writes to topics, since each run
 * would write its results again, and with the error of a task that fails. Nothing is left on the log
 * or on the disk afterwards, unless the process is killed or no broker answers any more.
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
  const stateDir = join(tmpdir(), `millrace-${applicationId}`);
  const own = {
    guarantee: 'exactly_once_v2',
    commitIntervalMs: 100,
    ...options,
    applicationId,
    stateDir,
  } as const;
  const settings = streamsSettings(own);
  refuseResults(topology);
  const topics = applicationTopicsOf(topology, applicationId);
  await using admin = connectAdmin(placeOf(settings));
  const sources = topics.subTopologies.flatMap((each) => each.sources);
  const inputs = sources.filter((topic) => !topics.repartitions.has(topic));
  const isolation = own.guarantee === 'exactly_once_v2' ? 'read_committed' : 'read_uncommitted';
  const ends = await endsOf(settings, isolation, inputs);
  const app = connectStreamsUpTo(topology, own, ends);
  try {
    await Promise.race([app.start(), abortOf(signal)]);
    for (;;) {
      signal?.throwIfAborted();
      if (app.failure !== undefined) throw app.failure;
      const { progress } = app;
      const remaining = progress === undefined ? undefined : offsetsBetween(progress.committed, ends);
      if (remaining !== undefined) onProgress(remaining);
      if (remaining === 0n && progress?.isResting === true) {
        // What a commit has written to an internal topic is among these, even before its marker.
        const internal = await endsOf(settings, 'read_uncommitted', [...topics.repartitions.keys()]);
        const isDone = offsetsBetween(progress.committed, internal) === 0n;
        if (isDone && app.progress?.isResting === true) return read(app);
      }
      await pause(settings.clock, lookEveryMs, signal);
    }
  } finally {
    await app.close();
    await deleteTraces(admin, applicationId).catch((err: unknown) =>
      settings.logger.warn(
        { err, applicationId },
        'the group or the internal topics of a batch were not deleted',
      ),
    );
    await rm(stateDir, { recursive: true, force: true });
  }
}

/** Rejects when the signal aborts. */
function abortOf(signal: AbortSignal | undefined): Promise<never> {
  const aborted = Promise.withResolvers<never>();
  aborted.promise.catch(() => undefined);
  if (signal?.aborted === true) aborted.reject(signal.reason);
  signal?.addEventListener('abort', () => aborted.reject(signal.reason), { once: true });
  return aborted.promise;
}

type Offsets = ReadonlyMap<string, bigint>;

/** Returns the end offsets of all partitions of these topics, by their names. */
async function endsOf(
  settings: StreamsSettings,
  isolation: LogReaderOptions['isolation'],
  topics: readonly string[],
): Promise<Offsets> {
  await using reader = connectLogReader({ ...placeOf(settings), isolation });
  const found = await reader.identify(topics);
  const places = [...found].flatMap(([topic, { partitions }]) =>
    Array.from({ length: partitions }, (_, partition) => ({ topic, partition })),
  );
  return new Map((await reader.endOffsets(places)).map((place) => [placeName(place), place.offset]));
}

/** Counts the offsets from these positions to these ends. A partition without a position counts whole. */
function offsetsBetween(positions: Offsets, ends: Offsets): bigint {
  let sum = 0n;
  for (const [name, end] of ends) {
    const left = end - (positions.get(name) ?? 0n);
    if (left > 0n) sum += left;
  }
  return sum;
}

function refuseResults({ subTopologies, repartitionTopics }: Topology): void {
  const internal = new Set(repartitionTopics.map((topic) => topic.name));
  for (const node of subTopologies.flatMap(({ nodes }) => nodes)) {
    if (node.kind !== 'sink' || (node.topic !== undefined && internal.has(node.topic))) continue;
    throw new StreamsError(
      'setting_invalid',
      `runToEnd cannot run a topology that writes to ${node.topic ?? 'topics that it chooses for each record'}, ` +
        'because each run would write its results again: keep the results in stores and read them there',
    );
  }
}

/** Deletes the internal topics and the group. */
async function deleteTraces(admin: Admin, applicationId: string): Promise<void> {
  await resetApplication(admin, { applicationId });
  const isLeft = (await admin.groups.list()).some(({ groupId }) => groupId === applicationId);
  if (isLeft) await admin.groups.delete([applicationId]);
}
