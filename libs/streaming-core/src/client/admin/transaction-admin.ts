import {
  describeTransactions,
  type DescribeTransactionsResponse,
  listTransactions,
} from '../../protocol/apis/transaction-admin.ts';
import { writeTxnMarkers } from '../../protocol/apis/transactions.ts';
import { minutes, type DurationMs } from '../../runtime/index.ts';
import { isProtocolError, type ClientError } from '../client-error.ts';
import { accept } from '../connection/accept.ts';
import type { BrokerConnection } from '../connection/broker-connection.ts';
import { nameOf } from '../partition-names.ts';
import type { TopicPartition } from '../types.ts';
import type { AdminCalls, Answers, CallOptions } from './admin-calls.ts';
import { askAllBrokers, askCoordinators, askLeaders } from './by-broker.ts';
import { staleTransactions, withoutCoordinator, type PartitionTransaction } from './hanging-transactions.ts';
import { ItemsFailed } from './items-failed.ts';
import { byPartition, invalid, namedItems } from './items-of-call.ts';
import type { ProducerAdmin } from './producer-admin.ts';
import { refusal } from './refusals.ts';
import type { TopicAdmin } from './topic-admin.ts';

export interface TransactionSummary {
  readonly transactionalId: string;
  readonly producerId: bigint;
  /** The state as the broker names it, such as `Ongoing`, `CompleteCommit` or `Empty`. */
  readonly state: string;
  /** The id of the broker that coordinates the transactional id. */
  readonly coordinator: number;
}

export interface TransactionDescription {
  readonly transactionalId: string;
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly state: string;
  readonly timeoutMs: DurationMs;
  /** Unix time in milliseconds, or undefined if no transaction is open. */
  readonly startedAtMs?: number;
  /** The partitions of the open transaction, or those that still need a marker. */
  readonly partitions: readonly TopicPartition[];
}

export interface ListTransactionsOptions extends CallOptions {
  readonly states?: readonly string[];
  readonly producerIds?: readonly bigint[];
  /** Lists only transactions that have been open for longer than this (KIP-994). */
  readonly longerThanMs?: DurationMs;
  /** Lists only transactional ids that match this regular expression of RE2 (KIP-1152). */
  readonly idPattern?: string;
}

export interface HangingOptions extends CallOptions {
  /** The topics to search. The default is every topic, with the internal ones. */
  readonly topics?: readonly string[];
  /**
   * Only a transaction without a write for this long can be hanging. It has to be longer than the
   * highest transaction timeout. The default is 15 minutes, like `transaction.max.timeout.ms`.
   */
  readonly longerThanMs?: DurationMs;
}

/** Shows transactions, and ends those that their coordinator has lost (KIP-664). */
export interface TransactionAdmin {
  /** Asks every broker for the transactional ids that it coordinates. */
  list(options?: ListTransactionsOptions): Promise<readonly TransactionSummary[]>;
  /** Rejects with `ItemsFailed`, by transactional id, if some of them are unknown. */
  describe(
    transactionalIds: readonly string[],
    options?: CallOptions,
  ): Promise<ReadonlyMap<string, TransactionDescription>>;
  /**
   * Finds transactions that are open on a partition but that no coordinator will end. They block
   * readers with `read_committed`.
   */
  findHanging(options?: HangingOptions): Promise<readonly PartitionTransaction[]>;
  /**
   * Aborts the transaction that begins at this offset, on this partition only. Call it for the
   * transactions that `findHanging` returns. A transaction that its coordinator still knows would
   * lose its records on this partition even if it commits.
   */
  abort(
    transaction: TopicPartition & { readonly transactionStartOffset: bigint },
    options?: CallOptions,
  ): Promise<void>;
}

/** The first versions of ListTransactions that filter by duration and by id. */
const durationSince = 1;
const patternSince = 2;

export class TransactionCalls implements TransactionAdmin {
  readonly #calls: AdminCalls;
  readonly #topics: TopicAdmin;
  readonly #producers: ProducerAdmin;

  constructor(calls: AdminCalls, topics: TopicAdmin, producers: ProducerAdmin) {
    this.#calls = calls;
    this.#topics = topics;
    this.#producers = producers;
  }

  list({
    states = [],
    producerIds = [],
    longerThanMs,
    idPattern,
    signal,
  }: ListTransactionsOptions = {}): Promise<readonly TransactionSummary[]> {
    const since = idPattern !== undefined ? patternSince : longerThanMs !== undefined ? durationSince : 0;
    const wanted = { ...listTransactions, versions: { ...listTransactions.versions, min: since } };
    const listOnce = () =>
      askAllBrokers(this.#calls.brokers, async (connection, { nodeId }) => {
        const answer = await connection.request(listTransactions, connection.versions.newest(wanted), {
          stateFilters: states,
          producerIdFilters: producerIds,
          ...(longerThanMs !== undefined && { durationFilter: BigInt(Math.floor(longerThanMs)) }),
          ...(idPattern !== undefined && { transactionalIdPattern: idPattern }),
        });
        accept(answer.errorCode);
        if (answer.unknownStateFilters.length > 0)
          throw invalid(`states: the broker knows no state named ${answer.unknownStateFilters.join(', ')}`);
        return answer.transactionStates.map(({ transactionalId, producerId, transactionState }) => ({
          transactionalId,
          producerId,
          state: transactionState,
          coordinator: nodeId,
        }));
      });
    return this.#calls.persistently('listing transactions', listOnce, { signal });
  }

  async describe(
    transactionalIds: readonly string[],
    options?: CallOptions,
  ): Promise<ReadonlyMap<string, TransactionDescription>> {
    return this.#calls.each(
      {
        items: namedItems(transactionalIds, (id) => id),
        attempt: (id) => `describing the transaction of ${id}`,
        ask: (pending) => askCoordinators(this.#calls.brokers, 'TRANSACTION', pending, describeOnce),
      },
      options,
    );
  }

  async findHanging({ topics, longerThanMs = minutes(15), signal }: HangingOptions = {}): Promise<
    readonly PartitionTransaction[]
  > {
    const described =
      topics === undefined
        ? await this.#topics.list({ internal: true, signal })
        : [...(await this.#topics.describe(topics, { signal })).values()];
    const partitions = described.flatMap(({ name: topic, partitions: places }) =>
      places.map(({ partition }) => ({ topic, partition })),
    );
    const nowMs = this.#calls.settings.clock.now();
    const open = staleTransactions(
      await this.#producers.describe(partitions, { signal }),
      nowMs,
      longerThanMs,
    );
    if (open.length === 0) return [];
    const producerIds = [...new Set(open.map(({ producerId }) => producerId))];
    const known = await this.list({ producerIds, signal });
    return withoutCoordinator(open, await this.#described(known, { signal }));
  }

  async abort(
    {
      topic,
      partition,
      transactionStartOffset,
    }: TopicPartition & { readonly transactionStartOffset: bigint },
    options?: CallOptions,
  ): Promise<void> {
    const [described] = await this.#producers.describe([{ topic, partition }], options);
    const producer = described?.producers.find(
      (one) => one.transactionStartOffset === transactionStartOffset,
    );
    if (producer === undefined)
      throw invalid(
        `no open transaction of ${topic}/${partition} begins at offset ${transactionStartOffset}: ` +
          'producers.describe shows where open transactions begin',
      );
    const marker = {
      producerId: producer.producerId,
      producerEpoch: producer.producerEpoch,
      coordinatorEpoch: Math.max(0, producer.coordinatorEpoch),
    };
    await this.#calls.each(
      {
        items: byPartition([{ topic, partition }]),
        attempt: (name) => `aborting the transaction at offset ${transactionStartOffset} of ${name}`,
        ask: (pending) =>
          askLeaders(this.#calls.brokers, pending, (connection) =>
            writeAbort(connection, { ...marker, topic, partition }),
          ),
      },
      options,
    );
  }

  /** Leaves out the ids that have expired since they were listed. */
  async #described(
    known: readonly TransactionSummary[],
    options: CallOptions,
  ): Promise<readonly TransactionDescription[]> {
    try {
      return [
        ...(
          await this.describe(
            known.map((one) => one.transactionalId),
            options,
          )
        ).values(),
      ];
    } catch (error) {
      const expired = (one: ClientError) => isProtocolError(one, 'TRANSACTIONAL_ID_NOT_FOUND');
      if (!(error instanceof ItemsFailed) || ![...error.failed.values()].every(expired)) throw error;
      return [...error.succeeded.values()] as readonly TransactionDescription[];
    }
  }
}

type DescribedTransaction = DescribeTransactionsResponse['transactionStates'][number];

async function describeOnce(
  connection: BrokerConnection,
  asked: ReadonlyMap<string, string>,
): Promise<Answers<TransactionDescription>> {
  const version = connection.versions.newest(describeTransactions);
  const { transactionStates } = await connection.request(describeTransactions, version, {
    transactionalIds: [...asked.keys()],
  });
  return new Map(
    transactionStates.map((state) => [state.transactionalId, refusal(state.errorCode) ?? described(state)]),
  );
}

const described = (state: DescribedTransaction): TransactionDescription => ({
  transactionalId: state.transactionalId,
  producerId: state.producerId,
  producerEpoch: state.producerEpoch,
  state: state.transactionState,
  timeoutMs: state.transactionTimeoutMs,
  ...(state.transactionStartTimeMs >= 0n && { startedAtMs: Number(state.transactionStartTimeMs) }),
  partitions: state.topics.flatMap(({ topic, partitions }) =>
    partitions.map((partition) => ({ topic, partition })),
  ),
});

async function writeAbort(
  connection: BrokerConnection,
  {
    topic,
    partition,
    ...marker
  }: TopicPartition & {
    readonly producerId: bigint;
    readonly producerEpoch: number;
    readonly coordinatorEpoch: number;
  },
): Promise<Answers<undefined>> {
  const { markers } = await connection.request(writeTxnMarkers, connection.versions.newest(writeTxnMarkers), {
    markers: [
      { ...marker, transactionResult: false, topics: [{ name: topic, partitionIndexes: [partition] }] },
    ],
  });
  const results = markers.flatMap(({ topics }) => topics.flatMap(({ partitions }) => partitions));
  return new Map(
    results.map(({ partitionIndex, errorCode }) => [
      nameOf({ topic, partition: partitionIndex }),
      refusal(errorCode),
    ]),
  );
}
