import { listOffsets } from '../../protocol/apis/list-offsets.ts';
import type { DurationMs } from '../../runtime/index.ts';
import { accept } from '../connection/accept.ts';
import type { BrokerClient } from '../connection/broker-client.ts';
import type { ConnectionSettings } from '../connection/connection-settings.ts';
import { passes } from '../connection/retries.ts';
import { leaderOf, type ClusterBroker } from '../connection/topic-lookup.ts';
import { ClientError, toClientError } from '../errors/client-error.ts';
import type { Isolation } from '../fetched-records.ts';
import { nameOf } from '../partition-map.ts';
import type { OffsetForTime, PartitionTime, TopicPartition } from '../topic-partition.ts';
import { isolationLevels } from './session-fetch.ts';

export type PartitionOffset = TopicPartition & { readonly offset: bigint };

/** A query for an offset by Unix time in milliseconds, or by a special timestamp. */
export type OffsetQuery = TopicPartition & { readonly timestamp: bigint };

/** The answer of ListOffsets. Both are -1 if no record has that timestamp or a later one. */
export interface FoundOffset {
  readonly offset: bigint;
  readonly timestamp: bigint;
}

const notFound: FoundOffset = { offset: -1n, timestamp: -1n };

/** The two special timestamps of ListOffsets. */
export const logEnd = -1n;
export const logBeginning = -2n;

export interface LookupSettings extends ConnectionSettings {
  /** The isolation of this client's fetches: callers compare ends with positions that its fetches reach. */
  readonly isolation: Isolation;
  readonly operationTimeoutMs: DurationMs;
}

/** Looks offsets up by time. Retries temporary failures for `operationTimeoutMs`. */
export class OffsetLookup {
  readonly #settings: LookupSettings;
  readonly #brokers: BrokerClient;

  constructor(settings: LookupSettings, brokers: BrokerClient) {
    this.#settings = settings;
    this.#brokers = brokers;
  }

  beginnings(partitions: readonly TopicPartition[]): Promise<readonly PartitionOffset[]> {
    return this.#offsets(partitions, logBeginning);
  }

  /** Returns last stable offsets for `read_committed`, and else high watermarks. */
  ends(partitions: readonly TopicPartition[]): Promise<readonly PartitionOffset[]> {
    return this.#offsets(partitions, logEnd);
  }

  /** Returns undefined for partitions without a record of that time or later. */
  async forTimes(times: readonly PartitionTime[]): Promise<ReadonlyArray<OffsetForTime | undefined>> {
    const found = await this.find(
      times.map(({ topic, partition, timestampMs }) => ({
        topic,
        partition,
        timestamp: BigInt(timestampMs),
      })),
    );
    return times.map(({ topic, partition }, index) => {
      const { offset, timestamp } = found[index]!;
      return offset < 0n ? undefined : { topic, partition, offset, timestampMs: Number(timestamp) };
    });
  }

  /** Returns one result per query, in order. Equal queries are sent once. */
  find(queries: readonly OffsetQuery[]): Promise<readonly FoundOffset[]> {
    const { clock, operationTimeoutMs } = this.#settings;
    const attempt = `asking for offsets of ${topicsOf(queries).join(', ')}`;
    const deadline = clock.monotonic() + operationTimeoutMs;
    return this.#brokers.persistently(attempt, deadline, () => this.findOnce(queries), { isPassing });
  }

  /** Like `find`, for callers that retry by themselves. */
  async findOnce(queries: readonly OffsetQuery[]): Promise<readonly FoundOffset[]> {
    const found = new Map<string, FoundOffset>();
    for (const round of roundsOf(queries)) {
      const answers = await this.#foundOf(round);
      for (const query of round) found.set(queryName(query), answers.get(nameOf(query)) ?? notFound);
    }
    return queries.map((query) => found.get(queryName(query))!);
  }

  async #offsets(
    partitions: readonly TopicPartition[],
    timestamp: bigint,
  ): Promise<readonly PartitionOffset[]> {
    const found = await this.find(
      partitions.map(({ topic, partition }) => ({ topic, partition, timestamp })),
    );
    return partitions.map((at, index) => ({ ...at, offset: found[index]!.offset }));
  }

  /** Takes at most one query for each partition. */
  async #foundOf(queries: readonly OffsetQuery[]): Promise<ReadonlyMap<string, FoundOffset>> {
    const lookup = await this.#brokers.lookUpTopics(topicsOf(queries));
    try {
      const leaders = Map.groupBy(queries, (query) => leaderOf(query, lookup));
      const answers = await Promise.all(
        [...leaders].map(([leader, ofLeader]) => this.#offsetsOf(leader, ofLeader)),
      );
      return new Map(answers.flat());
    } catch (error) {
      this.#brokers.forgetTopics();
      throw toClientError(error, 'asking for offsets');
    }
  }

  async #offsetsOf(
    leader: ClusterBroker,
    queries: readonly OffsetQuery[],
  ): Promise<ReadonlyArray<readonly [string, FoundOffset]>> {
    const connection = await this.#brokers.connectionTo(leader);
    const named = Map.groupBy(queries, ({ topic }) => topic);
    const { topics } = await connection.request(listOffsets, connection.versions.newest(listOffsets), {
      isolationLevel: isolationLevels[this.#settings.isolation],
      topics: [...named].map(([name, ofTopic]) => ({
        name,
        partitions: ofTopic.map(({ partition, timestamp }) => ({ partitionIndex: partition, timestamp })),
      })),
      timeoutMs: this.#settings.requestTimeoutMs,
    });
    return topics.flatMap(({ name, partitions }) =>
      partitions.map(({ partitionIndex, errorCode, offset, timestamp }) => {
        accept(errorCode);
        return [nameOf({ topic: name, partition: partitionIndex }), { offset, timestamp }] as const;
      }),
    );
  }
}

/**
 * If metadata lack the topic, the caller asked for one that does not exist. If a leader does not know its
 * partition, it has not learned of a new topic yet, or of a partition that moved.
 */
const isPassing = (error: unknown): boolean =>
  passes(error) &&
  !(error instanceof ClientError && error.code === 'unknown_topic' && error.errorName === undefined);

export const topicsOf = (places: readonly TopicPartition[]): readonly string[] => [
  ...new Set(places.map(({ topic }) => topic)),
];

const queryName = (query: OffsetQuery): string => `${nameOf(query)} ${query.timestamp}`;

/** Splits queries into rounds, because a request may name a partition only once. */
function roundsOf(queries: readonly OffsetQuery[]): ReadonlyArray<readonly OffsetQuery[]> {
  const unique = [...new Map(queries.map((query) => [queryName(query), query])).values()];
  const ofPartition = [...Map.groupBy(unique, nameOf).values()];
  const rounds = Math.max(0, ...ofPartition.map(({ length }) => length));
  return Array.from({ length: rounds }, (_, round) => ofPartition.flatMap((each) => each[round] ?? []));
}
