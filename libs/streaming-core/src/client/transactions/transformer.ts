import { z } from 'zod';
import { pause, type Clock, type DurationMs, type Logger } from '../../runtime/index.ts';
import { connectAdmin, type Admin } from '../admin/admin.ts';
import { backoffDelay, type BackoffOptions } from '../connection/retries.ts';
import { toClientError, type ClientError } from '../errors/client-error.ts';
import {
  connectionSchemas,
  connectionSettings,
  type ConnectionOptions,
} from '../connection/connection-settings.ts';
import { topicNames } from '../consumer/group-settings.ts';
import { connectGroupConsumer, type GroupConsumerOptions } from '../consumer/group-consumer.ts';
import {
  checkedOptions,
  functionOf,
  named,
  optionsOf,
  wholeNumber,
  type OptionSchemas,
} from '../connection/options.ts';
import type { PartitionOffset } from '../consumer/offset-lookup.ts';
import { connectTransactionalProducer } from './transactional-producer.ts';
import { nameOf } from '../partition-map.ts';
import type { ConsumedRecord, FetchedPartition } from '../fetched-records.ts';
import type { Assignment, GroupConsumer } from '../group-consumer-types.ts';
import type { ProducerRecord } from '../producer-types.ts';
import type { TransactionalProducer } from '../transaction-types.ts';

export interface TransformerOptions extends ConnectionOptions {
  readonly groupId: string;
  readonly topics: readonly string[];
  /** Must be unique among the running members of the group and the same after a restart. */
  readonly transactionalId: string;
  /**
   * Returns the records to send for the records of a poll, in order. It is called again for records
   * whose transaction was aborted.
   */
  transform(
    records: readonly ConsumedRecord[],
  ): readonly ProducerRecord[] | Promise<readonly ProducerRecord[]>;
  /**
   * Called when the transformer has stopped permanently, for example because another producer took
   * over its transactional id.
   */
  onStopped?(error: Error): void;
  readonly transactionTimeoutMs?: DurationMs;
  /** The settings of the group member. Its `isolation` is always read_committed. */
  readonly member?: Partial<
    Omit<GroupConsumerOptions, keyof ConnectionOptions | 'groupId' | 'topics' | 'isolation'>
  >;
}

/**
 * Consumes, transforms and produces. The results of each poll and the group's offsets are one
 * transaction.
 */
export interface Transformer {
  /** Resolves at the first assignment. */
  start(): Promise<void>;
  /** Finishes the current poll and leaves the group. */
  close(): Promise<void>;
}

const transformerOptions = optionsOf({
  ...connectionSchemas,
  groupId: named('the group a name'),
  topics: topicNames,
  transactionalId: named('the id of this producer, which no other running one has'),
  transactionTimeoutMs: wholeNumber(1).optional(),
  transform: functionOf('a function that returns the records to send'),
  onStopped: functionOf('a function, or leave it out').optional(),
  member: z.object({}, 'an object with settings of the group member').optional(),
} satisfies OptionSchemas<TransformerOptions>);

/**
 * Creates a transformer that processes records exactly once from topic to topic (KIP-447). A crash
 * aborts the outputs and offsets of the current poll, whose records are then handled again. After
 * an abort it returns to the committed offsets by itself. Side effects of `transform` are not part
 * of the transaction.
 */
export function connectTransformer(options: TransformerOptions): Transformer {
  return new GroupTransformer(checkedOptions(transformerOptions, options));
}

class GroupTransformer implements Transformer {
  readonly #options: TransformerOptions;
  readonly #logger: Logger;
  readonly #retrying: BackoffOptions & { readonly clock: Clock };
  readonly #admin: Admin;
  readonly #consumer: GroupConsumer;
  readonly #producer: TransactionalProducer;
  readonly #closing = new AbortController();
  #assignment: Assignment | undefined;
  #working: Promise<void> = Promise.resolve();

  constructor(options: TransformerOptions) {
    const { groupId, topics, member, transactionalId, transactionTimeoutMs, ...others } = options;
    const { transform: _transform, onStopped: _onStopped, ...connection } = others;
    this.#options = options;
    const settings = connectionSettings(connection);
    this.#logger = settings.logger;
    this.#retrying = settings;
    this.#admin = connectAdmin(connection);
    this.#consumer = connectGroupConsumer({
      ...connection,
      ...member,
      groupId,
      topics,
      isolation: 'read_committed',
    });
    this.#producer = connectTransactionalProducer({ ...connection, transactionalId, transactionTimeoutMs });
  }

  async start(): Promise<void> {
    await this.#producer.open();
    await this.#consumer.start({
      onRevoked: () => this.#rest(),
      onAssigned: async (assignment) => {
        this.#assignment = assignment;
        this.#working = this.#work(assignment);
      },
      onStopped: (error) => this.#options.onStopped?.(error),
    });
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#rest();
    await Promise.all([this.#consumer.close(), this.#producer.close(), this.#admin.close()]);
  }

  /** Starts no further poll, and resolves once the current one has ended. */
  async #rest(): Promise<void> {
    this.#assignment = undefined;
    await this.#working;
  }

  #has = (assignment: Assignment): boolean =>
    this.#assignment === assignment && assignment.partitions.length > 0;

  /**
   * Polls until the partitions are revoked. After a failure it returns to the committed offsets,
   * with a delay that grows until a poll succeeds.
   */
  async #work(assignment: Assignment): Promise<void> {
    const incarnations = new Incarnations();
    for (let failures = 0; this.#has(assignment); failures += 1) {
      try {
        let positions = await this.#committedPositions(assignment, incarnations);
        for (; this.#has(assignment); failures = 0)
          positions = await this.#poll(assignment, positions, incarnations);
      } catch (cause) {
        const error = toClientError(cause, 'transforming');
        if (error.code === 'fenced') return this.#stop(error);
        if (this.#has(assignment))
          this.#logger.warn(
            { error },
            'a poll failed: its records are handled again from the committed offsets',
          );
        await pause(this.#retrying.clock, backoffDelay(failures, this.#retrying), this.#closing.signal);
      }
    }
  }

  /**
   * Leaves the group, so that the producer that took over the transactional id can take over the
   * partitions as well. The application decides what to do next.
   */
  #stop(error: ClientError): void {
    this.#assignment = undefined;
    this.#options.onStopped?.(error);
    void this.close();
  }

  /**
   * Returns the positions from which to continue in the current topics. A recreated topic is read
   * from its beginning. The group's offsets were deleted with the former topic, but a transaction
   * that was open may have committed one since, because offsets are stored by topic name.
   */
  async #committedPositions(
    { partitions }: Assignment,
    incarnations: Incarnations,
  ): Promise<readonly PartitionOffset[]> {
    const identities = await this.#consumer.identify([...new Set(partitions.map(({ topic }) => topic))]);
    for (const [topic, { topicId }] of identities) incarnations.met(topic, topicId, partitions);
    const committed = await this.#admin.stableOffsets(this.#options.groupId, partitions);
    const beginnings = await this.#consumer.beginningOffsets(partitions);
    return beginnings.map((begin) => {
      if (incarnations.isBegun(begin)) return begin;
      const found = committed.find(
        ({ topic, partition }) => topic === begin.topic && partition === begin.partition,
      );
      return found ?? begin;
    });
  }

  /** Handles the records of one poll and returns the next positions. */
  async #poll(
    assignment: Assignment,
    positions: readonly PartitionOffset[],
    incarnations: Incarnations,
  ): Promise<readonly PartitionOffset[]> {
    const fetched = await this.#consumer.fetch(positions);
    for (const { error } of fetched) if (error) throw error;
    const read = fetched.filter(({ records }) => records.length > 0);
    if (read.length > 0 && this.#has(assignment)) await this.#handle(assignment, read);
    else if (read.length > 0) return positions;
    for (const partition of read) incarnations.committed(partition);
    return fetched.map(nextOf);
  }

  async #handle(assignment: Assignment, read: readonly FetchedPartition[]): Promise<void> {
    const { groupId, member, transform } = this.#options;
    const { memberId, generationId } = assignment;
    const records = read.flatMap((one) => one.records);
    await this.#producer.transaction(async (transaction) => {
      await transaction.send(await transform(records));
      await transaction.sendOffsets(
        { groupId, memberId, generationId, groupInstanceId: member?.groupInstanceId },
        read.map(nextOf),
      );
    });
  }
}

const nextOf = ({ topic, partition, nextOffset }: FetchedPartition): PartitionOffset => ({
  topic,
  partition,
  offset: nextOffset,
});

type Place = Pick<PartitionOffset, 'topic' | 'partition'>;

/**
 * Tracks which incarnations of its topics an assignment has seen. In a later incarnation, only
 * offsets that this member has committed itself count.
 */
class Incarnations {
  readonly #ids = new Map<string, string>();
  readonly #begun = new Set<string>();

  met(topic: string, topicId: string, partitions: readonly Place[]): void {
    const former = this.#ids.get(topic);
    this.#ids.set(topic, topicId);
    if (former === undefined || former === topicId) return;
    for (const place of partitions) if (place.topic === topic) this.#begun.add(nameOf(place));
  }

  committed(place: Place): void {
    this.#begun.delete(nameOf(place));
  }

  isBegun(place: Place): boolean {
    return this.#begun.has(nameOf(place));
  }
}
