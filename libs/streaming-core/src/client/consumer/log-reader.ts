import { Consumer, FetchIsolationLevels, type ConnectionPool } from '@platformatic/kafka';
import { pause, type DurationMs } from '../../runtime/index.ts';
import { ClientError, toClientError } from '../client-error.ts';
import {
  closeQuietly,
  guardEvents,
  libraryOptions,
  type ConnectionSettings,
} from '../connection/connection.ts';
import { failedPartition, fetchedPartitions } from './fetch-answer.ts';
import { FetchLanes } from './fetch-lanes.ts';
import {
  negotiatedApi,
  type FetchApi,
  type FetchRequestTopic,
  type FetchResponse,
} from '../library-types.ts';
import { lookUpTopics, type TopicLookup } from '../connection/topic-lookup.ts';
import { reportFetched } from '../traffic-reports.ts';
import type { FetchedPartition, FetchPosition, Isolation, TopicIdentity, TopicPartition } from '../types.ts';

export interface ReaderLimits {
  readonly fetchMaxWaitMs: DurationMs;
  readonly fetchMaxBytes: number;
  readonly fetchMaxBytesPerPartition: number;
  readonly fetchConnectionsMax: number;
  readonly isolation: Isolation;
}

export interface ReaderSettings extends ConnectionSettings, ReaderLimits {
  readonly groupId: string;
}

export type PartitionOffset = TopicPartition & { readonly offset: bigint };

/** The two special timestamps of ListOffsets. */
export const logEnd = -1n;
export const logBeginning = -2n;

/** The part of a fetch that goes to one broker. */
interface BrokerRequest {
  readonly nodeId: number;
  readonly positions: FetchPosition[];
}

/**
 * Reads the log without joining a group. Sends Fetch requests without sessions, because a session
 * with a bad partition answers every other request with an error. A position reads only the topic
 * id that it names, or else the id that `identify` or the first fetch has pinned.
 */
export class LogReader {
  readonly #settings: ReaderSettings;
  readonly #library: Consumer;
  readonly #lanes: FetchLanes;
  readonly #topicIds = new Map<string, string>();
  readonly #closing = new AbortController();

  constructor(settings: ReaderSettings) {
    this.#settings = settings;
    const options = libraryOptions(settings);
    this.#library = guardEvents(new Consumer({ ...options, groupId: settings.groupId }), settings);
    this.#lanes = new FetchLanes(
      settings.clientId,
      { ...options, ownerId: this.#library.instanceId },
      settings.fetchConnectionsMax,
    );
  }

  async identify(topics: readonly string[]): Promise<ReadonlyMap<string, TopicIdentity>> {
    const lookup = await lookUpTopics(this.#library, this.#settings, topics, true);
    if (lookup.unknown.length > 0)
      throw new ClientError('unknown_topic', `no topic named ${lookup.unknown.join(', ')}: create it first`);
    for (const [topic, { id }] of lookup.found) this.#topicIds.set(topic, id);
    return new Map(
      [...lookup.found].map(([topic, { id, partitionsCount }]) => [
        topic,
        { clusterId: lookup.clusterId, topicId: id, partitions: partitionsCount },
      ]),
    );
  }

  /** Returns one result per position, in order. Rejects after a pause if nothing could be read. */
  async fetch(positions: readonly FetchPosition[]): Promise<readonly FetchedPartition[]> {
    const { clientId, clock, fetchMaxWaitMs, retryDelayMsMin } = this.#settings;
    if (positions.length === 0) {
      await pause(clock, fetchMaxWaitMs, this.#closing.signal);
      return [];
    }
    try {
      const fetched = await this.#fetch(positions);
      reportFetched(fetched, clientId);
      return fetched;
    } catch (error) {
      if (this.#closing.signal.aborted)
        throw new ClientError('closed', 'the consumer is closed', { cause: error });
      await pause(clock, retryDelayMsMin, this.#closing.signal); // so that loops do not spin
      throw toClientError(error, 'fetching');
    }
  }

  /**
   * Uses the isolation of the fetches, because callers compare ends with positions that fetches
   * reach: only uncommitted reads go beyond the last stable offset. Looks each topic up and then
   * requests its offsets alone. If an answer lacked a topic, the library would throw in the
   * callback of a socket, where nobody can catch the error. Its cache may lose a topic while others
   * are requested.
   */
  async offsets(
    partitions: readonly TopicPartition[],
    timestamp: bigint,
  ): Promise<readonly PartitionOffset[]> {
    if (partitions.length === 0) return [];
    const wanted = Map.groupBy(partitions, ({ topic }) => topic);
    const { unknown } = await lookUpTopics(this.#library, this.#settings, [...wanted.keys()]);
    if (unknown.length > 0) throw new ClientError('unknown_topic', `no topic named ${unknown.join(', ')}`);
    const found = await Promise.all(
      [...wanted].map(([topic, places]) => this.#offsetsOf(topic, places, timestamp)),
    );
    const offsets = new Map(found.flatMap((ofTopics) => [...ofTopics]));
    return partitions.map((at) => ({ ...at, offset: offsetOf(offsets, at) }));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#lanes.close();
    await closeQuietly(this.#library, () => this.#library.close(true), this.#settings);
  }

  async #fetch(positions: readonly FetchPosition[]): Promise<readonly FetchedPartition[]> {
    const lookup = await lookUpTopics(this.#library, this.#settings, [
      ...new Set(positions.map(({ topic }) => topic)),
    ]);
    const { failed, requests } = this.#plan(positions, lookup);
    const maxWaitMs = failed.length > 0 ? 0 : this.#settings.fetchMaxWaitMs;
    const answers = await Promise.allSettled(
      requests.map((request) => this.#fetchFrom(request, lookup, maxWaitMs)),
    );
    const failures = answers.filter((answer) => answer.status === 'rejected');
    if (failures.length > 0) this.#library.clearMetadata();
    if (failed.length === 0 && failures.length === answers.length) throw failures[0]?.reason;
    return inOrder(positions, [
      ...failed,
      ...answers.flatMap((answer, index) => settled(answer, requests[index]?.positions ?? [])),
    ]);
  }

  /** Groups the positions by leader. Sets aside those without a leader or of a recreated topic. */
  #plan(
    positions: readonly FetchPosition[],
    lookup: TopicLookup,
  ): { failed: FetchedPartition[]; requests: BrokerRequest[] } {
    const failed: FetchedPartition[] = [];
    const requests = new Map<number, BrokerRequest>();
    for (const position of positions) {
      const leader = this.#leaderOf(position, lookup);
      if (leader instanceof ClientError) {
        failed.push(failedPartition(position, leader));
        continue;
      }
      const request = requests.get(leader) ?? { nodeId: leader, positions: [] };
      request.positions.push(position);
      requests.set(leader, request);
    }
    return { failed, requests: [...requests.values()] };
  }

  #leaderOf({ topic, partition, topicId }: FetchPosition, lookup: TopicLookup): number | ClientError {
    const found = lookup.found.get(topic);
    if (!found) return new ClientError('unknown_topic', `no topic named ${topic}`);
    const pinned = this.#topicIds.get(topic) ?? found.id;
    this.#topicIds.set(topic, pinned);
    const wanted = topicId ?? pinned;
    if (wanted !== found.id)
      return new ClientError(
        'topic_recreated',
        `topic ${topic} had the id ${wanted} and now has ${found.id}: its offsets belong to another ` +
          'log. Identify it again',
      );
    const leader = found.partitions[partition]?.leader;
    if (leader === undefined)
      return new ClientError('unknown_topic', `topic ${topic} has no partition ${partition}`);
    return lookup.brokers.has(leader)
      ? leader
      : new ClientError('unreachable', `partition ${topic}/${partition} has no leader at the moment`);
  }

  async #fetchFrom(
    request: BrokerRequest,
    { brokers, found }: TopicLookup,
    maxWaitMs: DurationMs,
  ): Promise<readonly FetchedPartition[]> {
    const broker = brokers.get(request.nodeId);
    if (!broker) throw new ClientError('unreachable', `broker ${request.nodeId} is not part of the cluster`);
    const api = await negotiatedApi(this.#library, 'Fetch');
    const byName = api.version <= 12;
    const idOf = (topic: string) => (byName ? topic : (found.get(topic)?.id ?? ''));
    const topics = this.#requestTopics(request.positions, idOf);
    const response = await this.#lanes.use((lane) => this.#request(lane, broker, api, topics, maxWaitMs));
    const topicOf = (id: string) => request.positions.find(({ topic }) => idOf(topic) === id)?.topic ?? id;
    const fetched = fetchedPartitions(request.positions, response, topicOf);
    if (fetched.some(({ error }) => error)) this.#library.clearMetadata();
    return fetched;
  }

  async #request(
    lane: ConnectionPool,
    broker: { readonly host: string; readonly port: number },
    api: FetchApi,
    topics: FetchRequestTopic[],
    maxWaitMs: DurationMs,
  ): Promise<FetchResponse> {
    const connection = await lane.get(broker);
    const minBytes = 1;
    const noSession = 0;
    const sessionless = -1;
    try {
      return await api.async(
        connection,
        maxWaitMs,
        minBytes,
        this.#settings.fetchMaxBytes,
        this.#isolationLevel,
        noSession,
        sessionless,
        topics,
        [],
        '',
      );
    } catch (error) {
      // The library throws if one partition has an error. Its error contains the whole response.
      const { response } = error as { readonly response?: FetchResponse };
      if (response?.responses) return response;
      throw error;
    }
  }

  async #offsetsOf(
    topic: string,
    places: readonly TopicPartition[],
    timestamp: bigint,
  ): Promise<ReadonlyMap<string, readonly bigint[]>> {
    const partitions = { [topic]: places.map(({ partition }) => partition) };
    try {
      const options = { topics: [topic], partitions, timestamp, isolationLevel: this.#isolationLevel };
      return await this.#library.listOffsets(options);
    } catch (error) {
      throw toClientError(error, 'asking for offsets');
    }
  }

  get #isolationLevel() {
    return this.#settings.isolation === 'read_committed'
      ? FetchIsolationLevels.READ_COMMITTED
      : FetchIsolationLevels.READ_UNCOMMITTED;
  }

  #requestTopics(positions: readonly FetchPosition[], idOf: (topic: string) => string): FetchRequestTopic[] {
    const topics = new Map<string, FetchRequestTopic>();
    for (const { topic, partition, offset } of positions) {
      const entry = topics.get(topic) ?? { topicId: idOf(topic), partitions: [] };
      entry.partitions.push({
        partition,
        currentLeaderEpoch: -1,
        fetchOffset: offset,
        lastFetchedEpoch: -1,
        partitionMaxBytes: this.#settings.fetchMaxBytesPerPartition,
      });
      topics.set(topic, entry);
    }
    return [...topics.values()];
  }
}

function settled(
  answer: PromiseSettledResult<readonly FetchedPartition[]>,
  positions: readonly FetchPosition[],
): readonly FetchedPartition[] {
  if (answer.status === 'fulfilled') return answer.value;
  return positions.map((position) => failedPartition(position, toClientError(answer.reason, 'fetching')));
}

function inOrder(
  positions: readonly FetchPosition[],
  fetched: readonly FetchedPartition[],
): readonly FetchedPartition[] {
  const byPartition = new Map(fetched.map((one) => [`${one.topic}/${one.partition}`, one]));
  return positions.flatMap(({ topic, partition }) => byPartition.get(`${topic}/${partition}`) ?? []);
}

function offsetOf(
  found: ReadonlyMap<string, readonly bigint[]>,
  { topic, partition }: TopicPartition,
): bigint {
  const offset = found.get(topic)?.[partition];
  if (offset === undefined)
    throw new ClientError('unknown_topic', `topic ${topic} has no partition ${partition}`);
  return offset;
}
