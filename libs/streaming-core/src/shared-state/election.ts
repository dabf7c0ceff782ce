import {
  ClientError,
  connectGroupConsumer,
  connectTransactionalProducer,
  type Assignment,
  type ConnectionOptions,
  type GroupConsumer,
  type GroupConsumerOptions,
  type ProducerRecord,
  type RecordMetadata,
  type TransactionalProducer,
} from '../client/index.ts';
import { serialQueue } from '../runtime/index.ts';
import { leaderAssignor, type ElectedMember, type Electorate } from './leader-assignor.ts';
import type { StateTopic } from './state-topic.ts';

export type StateRecord = Pick<ProducerRecord, 'topic' | 'key' | 'value' | 'partition'>;

export interface ElectionOptions {
  readonly connection: ConnectionOptions;
  /** The members of this group elect the leader. It is also the transactional id of the leader. */
  readonly groupId: string;
  /** Where the other members reach this process over HTTP, so that they can forward writes. */
  readonly url: string;
  /** The topics that only the leader writes. The owner of the first one's partition 0 leads. */
  readonly topics: readonly [StateTopic, ...StateTopic[]];
  /** Called at each change of the members, also without a change of the leader. */
  onElectorate?(electorate: Electorate): void;
  /** Called when this process will not be a member again, so that it has to end. */
  onStopped?(error: Error): void;
  readonly timing?: Pick<
    GroupConsumerOptions,
    'sessionTimeoutMs' | 'rebalanceTimeoutMs' | 'heartbeatIntervalMs'
  >;
}

/** This process's part in the election of one leader among several processes. */
export interface Election extends AsyncDisposable {
  /** The leader, or undefined while the group elects one. */
  readonly leader: ElectedMember | undefined;
  /** Everybody in the group, or undefined while it changes. */
  readonly electorate: Electorate | undefined;
  /** True once this process leads and has applied everything that former leaders wrote. */
  readonly leads: boolean;
  /**
   * Writes all records or none, in the order of the calls, and resolves once this process has
   * applied them. `decide` runs when all writes before it have been applied, and returns the
   * records, so that a decision never misses one.
   *
   * Rejects with `not_member` or `fenced` if this process does not lead, even if it has not noticed
   * yet; nothing is written then. After any other error of the log the records may have been written.
   * This process then leads again only after it has read everything. Rejects with `queue_full` if 1,000 writes are waiting.
   */
  write(decide: () => readonly StateRecord[]): Promise<readonly RecordMetadata[]>;
  /** Ends the write in flight and leaves the group, which then elects another leader at once. */
  close(): Promise<void>;
}

const waitingWritesMax = 1_000;

/** Joins the group, and resolves at the first election. Throws for a URL that cannot be one. */
export async function joinElection(options: ElectionOptions): Promise<Election> {
  if (!URL.canParse(options.url))
    throw new ClientError('settings_refused', `url: ${options.url} is not a URL; give http://HOST:PORT`);
  const candidate = new Candidate(options);
  try {
    await candidate.start();
    return candidate;
  } catch (error) {
    await candidate.close();
    throw error;
  }
}

/** The membership and the producer with which this process leads. */
interface Leadership {
  readonly assignment: Assignment;
  readonly producer: TransactionalProducer;
}

class Candidate implements Election {
  readonly #options: ElectionOptions;
  readonly #consumer: GroupConsumer;
  readonly #inTurn = serialQueue();
  #electorate: Electorate | undefined;
  #leadership: Leadership | undefined;
  #ledGeneration = -1;
  #waiting = 0;

  constructor(options: ElectionOptions) {
    const { connection, groupId, timing, topics } = options;
    this.#options = options;
    const assignor = leaderAssignor({
      topic: topics[0].topic,
      url: options.url,
      ledGeneration: () => this.#ledGeneration,
      onElectorate: (electorate) => (this.#electorate = electorate),
    });
    const subscribed = { groupId, topics: [topics[0].topic], assignors: [assignor] };
    this.#consumer = connectGroupConsumer({ ...connection, ...timing, ...subscribed });
  }

  get leader(): ElectedMember | undefined {
    return this.#electorate?.leader;
  }

  get electorate(): Electorate | undefined {
    return this.#electorate;
  }

  get leads(): boolean {
    return this.#leadership !== undefined;
  }

  start(): Promise<void> {
    return this.#consumer.start({
      onAssigned: (assignment) => this.#assigned(assignment),
      onRevoked: () => this.#revoked(),
      onLost: async () => this.#resign()?.producer.close(),
      onStopped: (error) => this.#options.onStopped?.(error),
    });
  }

  async write(decide: () => readonly StateRecord[]): Promise<readonly RecordMetadata[]> {
    if (this.#waiting >= waitingWritesMax)
      throw new ClientError('queue_full', `${waitingWritesMax} writes are waiting: try again later`);
    this.#waiting += 1;
    try {
      return await this.#inTurn(() => this.#writeNow(decide));
    } finally {
      this.#waiting -= 1;
    }
  }

  close(): Promise<void> {
    return this.#consumer.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #assigned(assignment: Assignment): Promise<void> {
    if (assignment.partitions.length > 0) await this.#takeOver(assignment);
    if (this.#electorate) this.#options.onElectorate?.(this.#electorate);
  }

  /**
   * Takes the transactional id over first: from then on no former leader can write, so that what
   * is read to the end here is everything.
   */
  async #takeOver(assignment: Assignment): Promise<void> {
    const { connection, groupId, topics } = this.#options;
    const producer = connectTransactionalProducer({ ...connection, transactionalId: groupId });
    try {
      await producer.open();
      await Promise.all(topics.map((topic) => topic.readToEnd()));
    } catch (error) {
      await producer.close();
      throw error;
    }
    this.#ledGeneration = assignment.generationId;
    this.#leadership = { assignment, producer };
  }

  /** The write in flight ends first. Those that wait for their turn are refused. */
  async #revoked(): Promise<void> {
    const leadership = this.#resign();
    if (leadership) await this.#inTurn(() => leadership.producer.close());
  }

  #resign(): Leadership | undefined {
    const leadership = this.#leadership;
    this.#electorate = undefined;
    this.#leadership = undefined;
    return leadership;
  }

  async #writeNow(decide: () => readonly StateRecord[]): Promise<readonly RecordMetadata[]> {
    const leadership = this.#leadership;
    if (!leadership) throw notLeading(this.leader);
    const records = decide();
    if (records.length === 0) return [];
    try {
      const written = await this.#commit(leadership, records);
      await this.#readBack(written);
      return written;
    } catch (error) {
      await this.#stepDown(leadership);
      throw error;
    }
  }

  /**
   * The transaction commits an offset of the group for this generation before it sends a record.
   * The coordinator refuses that to a member of an older one (KIP-447), so a leader that was deposed
   * without noticing writes nothing.
   */
  #commit({ assignment, producer }: Leadership, records: readonly StateRecord[]) {
    const { groupId, topics } = this.#options;
    const [{ topic, position }] = topics;
    const { memberId, generationId } = assignment;
    return producer.transaction(async (transaction) => {
      const offset = { topic, partition: 0, offset: position };
      await transaction.sendOffsets({ groupId, memberId, generationId }, [offset]);
      return transaction.send(records);
    });
  }

  async #readBack(written: readonly RecordMetadata[]): Promise<void> {
    for (const topic of this.#options.topics)
      await topic.readBack(written.filter((one) => one.topic === topic.topic));
  }

  /**
   * Joins again, so that the group says who leads now. After an error nobody knows whether the records
   * were written, and the next leader has to read them before it decides anything.
   */
  async #stepDown(leadership: Leadership): Promise<void> {
    if (this.#leadership !== leadership) return;
    this.#resign();
    await leadership.producer.close();
    await this.#consumer.rejoin();
  }
}

const notLeading = (leader: ElectedMember | undefined): ClientError =>
  new ClientError(
    'not_member',
    leader === undefined
      ? 'the group is electing a leader: try again'
      : `this process does not lead: write to ${leader.url}`,
  );
