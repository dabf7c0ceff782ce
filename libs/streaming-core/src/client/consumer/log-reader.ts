import { z } from 'zod';
import { span, wholeNumber, type OptionSchemas } from '../connection/options.ts';
import { pause, type DurationMs } from '../../runtime/index.ts';
import { ClientError, toClientError } from '../errors/client-error.ts';
import type { BrokerClient } from '../connection/broker-client.ts';
import type { ConnectionSettings } from '../connection/connection-settings.ts';
import type { ClusterBroker, TopicLookup } from '../connection/topic-lookup.ts';
import { reportDecoded, reportFetched } from '../traffic-reports.ts';
import type { FetchedPartition, FetchedRecord, FetchPosition, Isolation } from '../fetched-records.ts';
import type { TopicIdentity } from '../topic-partition.ts';
import { decodedPartition, failedPartition, type AnsweredPartition } from './fetch-answer.ts';
import { FetchLanes, fetchInSession } from './session-fetch.ts';
import { failureOfAll, LeaderFetches, settle } from './leader-fetches.ts';
import { OffsetLookup, topicsOf } from './offset-lookup.ts';
import { TopicPins } from './topic-pins.ts';

export interface ReaderLimits {
  readonly fetchMaxWaitMs: DurationMs;
  readonly fetchMaxBytes: number;
  readonly fetchMaxBytesPerPartition: number;
  /** The number of fetches that may wait at one broker at the same time. */
  readonly fetchConnectionsMax: number;
  readonly isolation: Isolation;
  /**
   * How long a look-up of offsets is retried while no broker answers, or a partition has no leader.
   * The default is 15 s, or 2 s for a group consumer.
   */
  readonly operationTimeoutMs: DurationMs;
}

/** The protocol sends sizes as int32. */
const fetchBytes = wholeNumber(1, 2 ** 31 - 1).optional();

export const readerSchemas = {
  fetchMaxWaitMs: span.optional(),
  fetchMaxBytes: fetchBytes,
  fetchMaxBytesPerPartition: fetchBytes,
  fetchConnectionsMax: wholeNumber(1).optional(),
  isolation: z.enum(['read_uncommitted', 'read_committed'], 'read_uncommitted or read_committed').optional(),
  operationTimeoutMs: span.optional(),
} satisfies OptionSchemas<ReaderLimits>;

export const readerDefaults: ReaderLimits = Object.freeze({
  fetchMaxWaitMs: 500,
  fetchMaxBytes: 4 * 1024 * 1024,
  fetchMaxBytesPerPartition: 1024 * 1024,
  fetchConnectionsMax: 8,
  isolation: 'read_uncommitted',
  operationTimeoutMs: 15_000,
});

export interface ReaderSettings extends ConnectionSettings, ReaderLimits {}

/** The positions whose partitions have the same leader. */
interface LeaderRequest {
  readonly leader: ClusterBroker;
  readonly positions: FetchPosition[];
}

/**
 * Reads the log without joining a group. A position reads only the topic id that it names, or else
 * the id that `identify` or the first fetch has pinned.
 */
export class LogReader {
  readonly lookup: OffsetLookup;
  readonly #settings: ReaderSettings;
  readonly #brokers: BrokerClient;
  readonly #fetches: LeaderFetches;
  readonly #lanes = new Map<number, FetchLanes>();
  readonly #pins: TopicPins;

  /** The owner of `brokers` closes it, which ends the fetches in flight. */
  constructor(settings: ReaderSettings, brokers: BrokerClient, pins = new TopicPins()) {
    this.lookup = new OffsetLookup(settings, brokers);
    this.#settings = settings;
    this.#brokers = brokers;
    this.#pins = pins;
    this.#fetches = new LeaderFetches(settings.clock);
  }

  async identify(topics: readonly string[]): Promise<ReadonlyMap<string, TopicIdentity>> {
    const identities = await this.identifyFound(topics);
    const unknown = topics.filter((topic) => !identities.has(topic));
    if (unknown.length > 0)
      throw new ClientError(
        'unknown_topic',
        `no topic named ${unknown.join(', ')}: create it, or correct the name`,
      );
    return identities;
  }

  /** Identifies the topics that exist, and leaves out the others. */
  async identifyFound(topics: readonly string[]): Promise<ReadonlyMap<string, TopicIdentity>> {
    const { clusterId, found } = await this.#brokers.lookUpTopics(topics, true);
    for (const [topic, { id }] of found) this.#pins.pin(topic, id);
    return new Map(
      [...found].map(([topic, { id, partitions }]) => [
        topic,
        { clusterId, topicId: id, partitions: partitions.length },
      ]),
    );
  }

  /**
   * Returns one result per position, in order, once any leader has answered, or all of them.
   * Rejects after a pause if nothing could be read.
   */
  async fetch(
    positions: readonly FetchPosition[],
    until: 'any' | 'all' = 'any',
  ): Promise<readonly FetchedPartition<FetchedRecord>[]> {
    const answered = await this.#answered(positions, until);
    const fetched = answered.map((one, index) => decodedPartition(positions[index]!, one));
    if (fetched.some(({ error }, index) => error !== answered[index]?.error)) this.#brokers.forgetTopics();
    reportFetched(fetched, this.#settings.clientId);
    return fetched;
  }

  /** Like `fetch`, with records that the caller decodes. */
  async fetchUndecoded(
    positions: readonly FetchPosition[],
    until: 'any' | 'all' = 'any',
  ): Promise<readonly AnsweredPartition[]> {
    const answered = await this.#answered(positions, until);
    reportDecoded(answered, this.#settings.clientId);
    return answered;
  }

  async #answered(
    positions: readonly FetchPosition[],
    until: 'any' | 'all',
  ): Promise<readonly AnsweredPartition[]> {
    const { clock, fetchMaxWaitMs, retryDelayMsMin } = this.#settings;
    if (positions.length === 0) {
      await pause(clock, fetchMaxWaitMs, this.#brokers.closing);
      return [];
    }
    try {
      return await this.#fetch(positions, until);
    } catch (error) {
      if (this.#brokers.closing.aborted)
        throw new ClientError('closed', 'the consumer is closed', { cause: error });
      await pause(clock, retryDelayMsMin, this.#brokers.closing); // so that loops do not spin
      throw toClientError(error, 'fetching');
    }
  }

  async #fetch(
    positions: readonly FetchPosition[],
    until: 'any' | 'all',
  ): Promise<readonly AnsweredPartition[]> {
    const lookup = await this.#brokers.lookUpTopics(topicsOf(positions));
    const { failed, requests } = this.#plan(this.#fetches.missing(positions), lookup);
    const maxWaitMs = failed.size > 0 ? 0 : this.#settings.fetchMaxWaitMs;
    for (const request of requests)
      this.#fetches.start(request.positions, this.#fetchFrom(request, lookup, maxWaitMs));
    const asked = failed.size === 0 ? positions : positions.filter((position) => !failed.has(position));
    const awaited = this.#fetches.at(asked);
    await settle(awaited, until);
    const failure = failed.size === 0 ? failureOfAll(awaited) : undefined;
    const taken = this.#fetches.take(awaited);
    if (failure) throw failure;
    if (failed.size === 0) return taken;
    const answers = new Map(asked.map((position, index) => [position, taken[index]!]));
    return positions.map(
      (position) => answers.get(position) ?? failedPartition(position, failed.get(position)!),
    );
  }

  /** Groups the positions by leader. Sets aside those without a leader or of a recreated topic. */
  #plan(
    positions: readonly FetchPosition[],
    lookup: TopicLookup,
  ): { failed: ReadonlyMap<FetchPosition, ClientError>; requests: readonly LeaderRequest[] } {
    const failed = new Map<FetchPosition, ClientError>();
    const requests = new Map<number, LeaderRequest>();
    for (const position of positions) {
      const leader = this.#pins.leaderOf(position, lookup);
      if (leader instanceof ClientError) {
        failed.set(position, leader);
        continue;
      }
      const request = requests.get(leader.nodeId) ?? { leader, positions: [] };
      request.positions.push(position);
      requests.set(leader.nodeId, request);
    }
    if ([...failed.values()].some(({ code }) => code === 'unreachable')) this.#brokers.forgetTopics();
    return { failed, requests: [...requests.values()] };
  }

  /** Never rejects. */
  async #fetchFrom(
    { leader, positions }: LeaderRequest,
    lookup: TopicLookup,
    maxWaitMs: DurationMs,
  ): Promise<readonly AnsweredPartition[] | ClientError> {
    const lanes = this.#lanes.get(leader.nodeId) ?? new FetchLanes(this.#settings.fetchConnectionsMax);
    this.#lanes.set(leader.nodeId, lanes);
    try {
      const fetched = await lanes.use(async ({ name, session }) => {
        const connection = await this.#brokers.connectionTo(leader, name);
        return fetchInSession(connection, session, positions, lookup, { ...this.#settings, maxWaitMs });
      });
      if (fetched.some(({ error }) => error)) this.#brokers.forgetTopics();
      return fetched;
    } catch (error) {
      this.#brokers.forgetTopics();
      return toClientError(error, 'fetching');
    }
  }
}
