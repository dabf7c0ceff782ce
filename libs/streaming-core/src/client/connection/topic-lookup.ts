import { metadata } from '../../protocol/apis/metadata.ts';
import { errorCodes } from '../../protocol/errors.ts';
import type { Infer } from '../../protocol/schema.ts';
import type { Clock, DurationMs } from '../../runtime/index.ts';
import { ClientError } from '../errors/client-error.ts';
import type { TopicPartition } from '../topic-partition.ts';
import { accept, brokerError } from './accept.ts';
import type { BrokerAddress } from './broker-address.ts';
import type { BrokerConnection } from './broker-connection.ts';

/** A broker of the cluster. */
export interface ClusterBroker extends BrokerAddress {
  readonly nodeId: number;
  readonly rack: string | null;
}

interface PartitionPlace {
  /** The id of the broker that leads the partition, or -1 while there is none. */
  readonly leader: number;
  readonly leaderEpoch: number;
  readonly replicas: readonly number[];
}

export interface TopicPlace {
  /** The id of the topic, as a UUID in the form 8-4-4-4-12. */
  readonly id: string;
  /** The partitions by their number. */
  readonly partitions: readonly PartitionPlace[];
}

/** The brokers of the cluster that are running. */
export interface Cluster {
  readonly clusterId: string;
  readonly controllerId: number;
  readonly brokers: ReadonlyMap<number, ClusterBroker>;
}

/** The answer to a question about topics. */
export interface TopicLookup extends Cluster {
  readonly found: ReadonlyMap<string, TopicPlace>;
  readonly unknown: readonly string[];
}

interface KnownTopic {
  readonly place: TopicPlace;
  readonly askedAt: number;
  /** True once a broker's answer has shown that a leader has changed. */
  outdated: boolean;
}

/** How long an answer is used before the cluster is asked again. */
const ageMsMax: DurationMs = 5_000;
/** How many topics are remembered. */
const topicsMax = 10_000;

/**
 * Remembers for 5 s where the partitions of topics are. A topic that does not exist is never
 * remembered, because it may be created at any moment.
 */
export class TopicDirectory {
  readonly #clock: Clock;
  readonly #timeoutMs: DurationMs;
  readonly #connect: () => Promise<BrokerConnection>;
  readonly #onBrokers: (brokers: readonly ClusterBroker[]) => void;
  readonly #known = new Map<string, KnownTopic>();
  readonly #asking = new Map<string, Promise<TopicLookup>>();
  #cluster: Cluster | undefined;

  constructor(
    { clock, metadataTimeoutMs }: { readonly clock: Clock; readonly metadataTimeoutMs: DurationMs },
    {
      connect,
      onBrokers,
    }: {
      connect: () => Promise<BrokerConnection>;
      /** Called with the brokers of each answer. */
      onBrokers: (brokers: readonly ClusterBroker[]) => void;
    },
  ) {
    this.#clock = clock;
    this.#timeoutMs = metadataTimeoutMs;
    this.#connect = connect;
    this.#onBrokers = onBrokers;
  }

  /** The brokers that the last answer named. */
  get brokers(): readonly ClusterBroker[] {
    return [...(this.#cluster?.brokers.values() ?? [])];
  }

  /** Returns the number of partitions if it is known, even if the leaders are not. */
  partitions(topic: string): number | undefined {
    return this.#young(topic)?.place.partitions.length;
  }

  /**
   * Returns the partitions and their leaders, or undefined if the cluster has to be asked. A caller
   * that asks several times passes the same `now`, so that no answer becomes too old in between.
   */
  place(topic: string, now = this.#clock.monotonic()): TopicPlace | undefined {
    const known = this.#young(topic, now);
    return known?.outdated === false ? known.place : undefined;
  }

  /** Returns the broker to send to, or undefined if the cluster has to be asked. */
  leader({ topic, partition }: TopicPartition, now = this.#clock.monotonic()): ClusterBroker | undefined {
    return this.#cluster?.brokers.get(this.place(topic, now)?.partitions[partition]?.leader ?? -1);
  }

  /** Makes the next question about the topic go to a broker, because its leaders have changed. */
  outdate(topic: string): void {
    const known = this.#known.get(topic);
    if (known) known.outdated = true;
  }

  /** Asks a broker if `fresh`, or if an answer about one of the topics is missing or too old. */
  async lookUp(topics: readonly string[], fresh = false): Promise<TopicLookup> {
    if (fresh) return this.#ask(topics);
    const remembered = this.#remembered(topics);
    if (remembered) return remembered;
    const name = [...topics].sort().join(' ');
    const asking = this.#asking.get(name) ?? this.#ask(topics);
    this.#asking.set(name, asking);
    try {
      return await asking;
    } finally {
      if (this.#asking.get(name) === asking) this.#asking.delete(name);
    }
  }

  /** Asks a broker for the names of all topics but the internal ones of the cluster. */
  async names(): Promise<readonly string[]> {
    const { topics } = await this.metadataOf(null);
    return topics.flatMap(({ name, isInternal }) => (name === null || isInternal ? [] : [name]));
  }

  /** Makes the next question go to a broker, because an answer has turned out to be outdated. */
  forget(): void {
    this.#known.clear();
    this.#asking.clear();
  }

  #remembered(topics: readonly string[]): TopicLookup | undefined {
    if (this.#cluster === undefined || topics.length === 0) return undefined;
    const found = new Map<string, TopicPlace>();
    for (const topic of topics) {
      const place = this.place(topic);
      if (place === undefined) return undefined;
      found.set(topic, place);
    }
    return { ...this.#cluster, found, unknown: [] };
  }

  #young(topic: string, now = this.#clock.monotonic()): KnownTopic | undefined {
    const known = this.#known.get(topic);
    return known && known.askedAt >= now - ageMsMax ? known : undefined;
  }

  /**
   * Asks a broker for metadata of these topics, or of all. The answer has an error code for each
   * topic.
   */
  async metadataOf(topics: readonly string[] | null): Promise<MetadataResponse> {
    const connection = await this.#connect();
    const answer = await connection.request(
      metadata,
      connection.versions.newest(metadata),
      { topics: topics?.map((name) => ({ name })) ?? null, allowAutoTopicCreation: false },
      this.#timeoutMs,
    );
    accept(answer.errorCode);
    this.#cluster = clusterOf(answer);
    this.#onBrokers(answer.brokers);
    return answer;
  }

  async #ask(topics: readonly string[]): Promise<TopicLookup> {
    const askedAt = this.#clock.monotonic();
    const answer = await this.metadataOf(topics);
    const found = new Map<string, TopicPlace>();
    for (const [topic, place] of placesOf(answer)) {
      if (place instanceof Error) throw place;
      found.set(topic, place);
    }
    this.#remember(found, askedAt);
    return { ...clusterOf(answer), found, unknown: topics.filter((topic) => !found.has(topic)) };
  }

  #remember(found: ReadonlyMap<string, TopicPlace>, askedAt: number): void {
    if (this.#known.size + found.size > topicsMax) this.#known.clear();
    for (const [topic, place] of found) this.#known.set(topic, { place, askedAt, outdated: false });
  }
}

export type MetadataResponse = Infer<(typeof metadata)['response']>;

export const clusterOf = ({ clusterId, controllerId, brokers }: MetadataResponse): Cluster => ({
  clusterId: clusterId ?? '',
  controllerId,
  brokers: new Map(brokers.map((broker) => [broker.nodeId, broker])),
});

type TopicAnswer = MetadataResponse['topics'][number];

/** Reads the topics of an answer, each with its place or its error. Leaves unknown topics out. */
export function placesOf({
  topics,
}: Pick<MetadataResponse, 'topics'>): ReadonlyMap<string, TopicPlace | Error> {
  const found = new Map<string, TopicPlace | Error>();
  for (const topic of topics) {
    const { errorCode, name } = topic;
    if (errorCode === errorCodes.UNKNOWN_TOPIC_OR_PARTITION || name === null) continue;
    // A topic that has just been created has no leaders yet.
    const refused = errorCode !== errorCodes.NONE && errorCode !== errorCodes.LEADER_NOT_AVAILABLE;
    found.set(name, refused ? brokerError(errorCode) : placeOf(topic));
  }
  return found;
}

function placeOf({ topicId, partitions }: TopicAnswer): TopicPlace {
  const places = [...partitions].sort((left, right) => left.partitionIndex - right.partitionIndex);
  return {
    id: topicId,
    partitions: places.map(({ leaderId, leaderEpoch, replicaNodes }) => ({
      leader: leaderId,
      leaderEpoch,
      replicas: replicaNodes,
    })),
  };
}

/** Returns the broker that leads the partition, if there is one. */
export const findLeader = (
  { topic, partition }: TopicPartition,
  { brokers, found }: Pick<TopicLookup, 'brokers' | 'found'>,
): ClusterBroker | undefined => brokers.get(found.get(topic)?.partitions[partition]?.leader ?? -1);

/** Returns the broker that leads the partition. Throws if there is none now. */
export function leaderOf(
  { topic, partition }: TopicPartition,
  {
    brokers,
    found,
  }: Pick<TopicLookup, 'brokers'> & { readonly found: ReadonlyMap<string, TopicPlace | Error> },
): ClusterBroker {
  const known = found.get(topic);
  if (known === undefined) throw new ClientError('unknown_topic', `no topic named ${topic}`);
  if (known instanceof Error) throw known;
  const place = known.partitions[partition];
  if (place === undefined)
    throw new ClientError('unknown_topic', `topic ${topic} has no partition ${partition}`);
  const leader = brokers.get(place.leader);
  if (leader === undefined)
    throw new ClientError('unreachable', `partition ${topic}/${partition} has no leader at the moment`);
  return leader;
}
