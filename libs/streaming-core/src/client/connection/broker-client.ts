import { toClientError } from '../errors/client-error.ts';
import { addressName, brokerAddress, type BrokerAddress } from './broker-address.ts';
import type { BrokerConnection } from './broker-connection.ts';
import { BrokerPool } from './broker-pool.ts';
import type { ConnectionSettings } from './connection-settings.ts';
import { persistently, type Persistence } from './retries.ts';
import { TopicDirectory, type MetadataResponse, type TopicLookup } from './topic-lookup.ts';

/**
 * Questions about topics have a short time limit, so they do not wait behind requests that the
 * broker may hold for long, such as a Produce that waits for replicas.
 */
const metadataLane = 'metadata';

/**
 * A client's view of the cluster: its brokers, where the partitions of topics are, and the
 * connections to them. It retries requests until a deadline, and drops connections that may be
 * broken.
 */
export class BrokerClient {
  /** The partitions of topics and their leaders, as the brokers have last answered. */
  readonly topics: TopicDirectory;
  readonly #settings: ConnectionSettings;
  readonly #bootstrap: readonly BrokerAddress[];
  readonly #pool: BrokerPool;
  readonly #closing = new AbortController();

  constructor(settings: ConnectionSettings) {
    this.#settings = settings;
    this.#bootstrap = settings.bootstrapServers.map(brokerAddress);
    this.#pool = new BrokerPool(settings);
    this.topics = new TopicDirectory(settings, {
      connect: () => this.#pool.anyOf(this.#candidates(), metadataLane),
      onBrokers: (brokers) => this.#pool.keepOnly([...this.#bootstrap, ...brokers]),
    });
  }

  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** Connects to any broker that answers, first of all to one of the bootstrap servers. */
  anyConnection(): Promise<BrokerConnection> {
    return this.#pool.anyOf(this.#candidates());
  }

  /** Requests of different lanes use different connections, and do not wait for each other. */
  connectionTo(address: BrokerAddress, lane?: string): Promise<BrokerConnection> {
    return this.#pool.get(address, lane);
  }

  /**
   * Looks topics up in answers of the last 5 s, or on a broker if `fresh`. Rejects with
   * `ClientError` if no broker answers.
   */
  async lookUpTopics(topics: readonly string[], fresh = false): Promise<TopicLookup> {
    try {
      return await this.topics.lookUp(topics, fresh);
    } catch (error) {
      throw toClientError(
        error,
        `asking for ${topics.length > 0 ? `the topics ${topics.join(', ')}` : 'the cluster'}`,
      );
    }
  }

  /** Asks a broker for the names of all topics but the internal ones of the cluster. */
  async topicNames(): Promise<readonly string[]> {
    try {
      return await this.topics.names();
    } catch (error) {
      throw toClientError(error, 'asking for the topics');
    }
  }

  /** Asks a broker for metadata of these topics, or of all, with an error code for each topic. */
  metadataOf(topics: readonly string[] | null): Promise<MetadataResponse> {
    return this.topics.metadataOf(topics);
  }

  /** Makes the next look-up go to a broker. */
  forgetTopics(): void {
    this.topics.forget();
  }

  /**
   * Runs `work`, beginning with round 0, and retries it with backoff while its error is temporary.
   * `attempt` describes the work in errors. `deadline` is a time of the monotonic clock.
   */
  persistently<Result>(
    attempt: string,
    deadline: number,
    work: (round: number) => Promise<Result>,
    rules: Pick<Persistence, 'isPassing' | 'onLate'> = {},
  ): Promise<Result> {
    return persistently(this.#settings, { ...rules, attempt, deadline, closing: this.closing }, work);
  }

  /**
   * Drops every connection together with its pending requests. The next request opens a new one.
   */
  discard(): void {
    this.#pool.discard();
  }

  /** Drops the connections of a lane together with their pending requests. */
  closeLane(lane: string): void {
    this.#pool.closeLane(lane);
  }

  close(): void {
    this.#closing.abort();
    this.#pool.close();
  }

  #candidates(): readonly BrokerAddress[] {
    const bootstrap = new Set(this.#bootstrap.map(addressName));
    const others = this.topics.brokers.filter((broker) => !bootstrap.has(addressName(broker)));
    return [...this.#bootstrap, ...others];
  }
}
