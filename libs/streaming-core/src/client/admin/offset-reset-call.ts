import { logBeginning, logEnd } from '../consumer/offset-lookup.ts';
import type { ClientError } from '../errors/client-error.ts';
import { nameOf } from '../partition-map.ts';
import type { TopicPartition } from '../topic-partition.ts';
import { about, type AdminCalls, type Answers } from './admin-calls.ts';
import { groupInUse, type GroupOffsetAdmin } from './group-offset-admin.ts';
import type { GroupDescription } from './group-description.ts';
import { invalid, ItemsFailed, byTopic, refusal } from './items-of-call.ts';
import { resetTarget, resetTime, type OffsetReset, type ResetBasis } from './offset-reset.ts';
import type { TopicDescription } from './topic-description.ts';
import { listOffsets } from '../../protocol/apis/list-offsets.ts';
import { askLeaders } from './by-broker.ts';

export interface ResetOptions {
  /** The topics to reset, with all of their partitions. */
  readonly topics?: readonly string[];
  /**
   * The partitions to reset. If neither topics nor partitions are given, every partition is reset
   * for which the group has a committed offset.
   */
  readonly partitions?: readonly TopicPartition[];
  /** Returns what would change, and changes nothing. */
  readonly dryRun?: boolean;
}

/** A committed offset before and after a reset. */
export interface OffsetChange extends TopicPartition {
  /** The offset that was committed, or null if there was none. */
  readonly from: bigint | null;
  readonly to: bigint;
}

/** The calls that a reset consists of. */
export interface ResetCalls extends Pick<GroupOffsetAdmin, 'offsets' | 'commitOffsets'> {
  describeGroup(groupId: string): Promise<GroupDescription | undefined>;
  describeTopics(topics: readonly string[]): Promise<ReadonlyMap<string, TopicDescription>>;
}

const withoutMembers: ReadonlySet<string> = new Set(['Empty', 'Dead']);

/** Moves the committed offsets of a group, as `kafka-consumer-groups --reset-offsets` does. */
export async function resetOffsets(
  { calls, steps }: { readonly calls: AdminCalls; readonly steps: ResetCalls },
  groupId: string,
  reset: OffsetReset,
  { topics, partitions, dryRun = false }: ResetOptions,
): Promise<readonly OffsetChange[]> {
  const timeMs = resetTime(reset, calls.settings.clock.now());
  const group = await steps.describeGroup(groupId);
  if (group !== undefined && !withoutMembers.has(group.state)) throw groupInUse(groupId, group.state);

  const committed = new Map((await steps.offsets(groupId)).map((one) => [nameOf(one), one]));
  const places =
    topics === undefined && partitions === undefined
      ? new Map<string, TopicPartition>(committed)
      : named([...(await partitionsOf(topics ?? [], steps)), ...(partitions ?? [])]);
  if (places.size === 0)
    throw invalid(`group ${groupId} has no committed offsets: name the topics or partitions to reset`);

  const [starts, ends, times] = await Promise.all([
    logOffsets(calls, places, logBeginning),
    logOffsets(calls, places, logEnd),
    timeMs === undefined ? undefined : logOffsets(calls, places, BigInt(timeMs)),
  ]);
  const changes = changesOf(places, (name) => {
    const atTime = times?.get(name) ?? -1n;
    const basis: ResetBasis = {
      committed: committed.get(name)?.offset,
      logStart: starts.get(name) ?? 0n,
      logEnd: ends.get(name) ?? 0n,
      ...(atTime >= 0n && { atTime }),
    };
    return { from: basis.committed ?? null, to: resetTarget(reset, basis) };
  });
  if (!dryRun)
    await steps.commitOffsets(
      groupId,
      changes.map(({ topic, partition, to }) => ({ topic, partition, offset: to })),
    );
  return changes;
}

/** Rejects unless every partition has a target, so that a group is never reset in part. */
function changesOf(
  places: ReadonlyMap<string, TopicPartition>,
  changeOf: (name: string) => { readonly from: bigint | null; readonly to: bigint | ClientError },
): readonly OffsetChange[] {
  const changes = new Map<string, OffsetChange>();
  const failures = new Map<string, ClientError>();
  for (const [name, { topic, partition }] of places) {
    const { from, to } = changeOf(name);
    if (to instanceof Error) failures.set(name, about(to, `resetting the offset of ${name}`));
    else changes.set(name, { topic, partition, from, to });
  }
  if (failures.size > 0) throw new ItemsFailed(failures, new Map());
  return [...changes.values()];
}

const named = (places: readonly TopicPartition[]): ReadonlyMap<string, TopicPartition> =>
  new Map(places.map((place) => [nameOf(place), place]));

async function partitionsOf(
  topics: readonly string[],
  { describeTopics }: Pick<ResetCalls, 'describeTopics'>,
): Promise<readonly TopicPartition[]> {
  if (topics.length === 0) return [];
  const described = await describeTopics(topics);
  return [...described].flatMap(([topic, { partitions }]) =>
    partitions.map(({ partition }) => ({ topic, partition })),
  );
}

/**
 * Asks the leaders for the first offset at or after a timestamp, or for the beginning or end of the
 * log (`logBeginning`, `logEnd`). The offset is -1 if no record is that late.
 */
function logOffsets(
  calls: AdminCalls,
  places: ReadonlyMap<string, TopicPartition>,
  timestamp: bigint,
): Promise<ReadonlyMap<string, bigint>> {
  return calls.each({
    items: places,
    attempt: (name) => `asking for an offset of ${name}`,
    ask: (pending) =>
      askLeaders(calls.brokers, pending, async (connection, asked): Promise<Answers<bigint>> => {
        const version = connection.versions.newest(listOffsets);
        const { topics } = await connection.request(listOffsets, version, {
          topics: byTopic(asked.values()).map(([name, ofTopic]) => ({
            name,
            partitions: ofTopic.map(({ partition }) => ({ partitionIndex: partition, timestamp })),
          })),
          timeoutMs: calls.brokerTimeoutMs,
        });
        return new Map(
          topics.flatMap(({ name: topic, partitions }) =>
            partitions.map(({ partitionIndex: partition, errorCode, offset }) => [
              nameOf({ topic, partition }),
              refusal(errorCode) ?? offset,
            ]),
          ),
        );
      }),
  });
}
