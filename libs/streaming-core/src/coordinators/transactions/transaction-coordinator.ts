import type { Clock, Logger } from '../../runtime/index.ts';
import type { TransactionMarker } from '../../records/records.ts';
import type { LogManager } from '../../log/log-manager.ts';
import { ProtocolError, type ErrorName } from '../../protocol/errors.ts';
import { decideAdd, decideEnd, decideInit, refuseVerification } from './decisions.ts';
import { KnownTransactions, accepted, refused, StateChanges } from './state-changes.ts';
import {
  defaultTransactionSettings,
  type TransactionSettings,
  completed,
  fenced,
  isExhausted,
  isExpired,
  isPreparing,
  isTimedOut,
  newTransaction,
  noProducer,
  type InitProducerIdInput,
  type InitProducerIdResult,
  type TopicPartition,
  type Transaction,
  type TransactionFilter,
  type TransactionInput,
} from './transaction.ts';
import { TransactionLog } from './transaction-log.ts';
import { RepeatedWork } from '../../runtime/polling.ts';
import { SerialQueues } from '../../runtime/serial-queue.ts';

interface TransactionCoordinatorOptions {
  readonly logs: LogManager;
  /**
   * Commits or aborts the offsets of a transaction in a partition of `__consumer_offsets`. Resolves
   * when that is durable.
   */
  readonly endOffsets: (partition: number, marker: TransactionMarker) => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings?: Partial<TransactionSettings>;
}

/**
 * Creates the coordinator of one broker and loads everything from its log. Writes the markers that
 * a crash prevented.
 */
export function createTransactionCoordinator(options: TransactionCoordinatorOptions): TransactionCoordinator {
  return LoggedTransactionCoordinator.open(options);
}

const itself = (name: ErrorName): ErrorName => name;

export type TransactionCoordinator = Pick<LoggedTransactionCoordinator, keyof LoggedTransactionCoordinator>;

/**
 * The transaction coordinator. Every state is in `__transaction_state`, in Kafka's own record
 * format, and durable before the answer. A restart continues where the log ends.
 */
class LoggedTransactionCoordinator {
  readonly #logs: LogManager;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #settings: TransactionSettings;
  readonly #log: TransactionLog;
  readonly #changes: StateChanges;
  /** The durable states. */
  readonly #transactions: KnownTransactions;
  readonly #oneByOne = new SerialQueues<string>();
  readonly #background: RepeatedWork;
  #closed = false;

  private constructor(options: TransactionCoordinatorOptions) {
    const { logs, clock, logger } = options;
    const settings = { ...defaultTransactionSettings, ...options.settings };
    this.#logs = logs;
    this.#clock = clock;
    this.#logger = logger;
    this.#settings = settings;
    this.#background = new RepeatedWork(options);
    this.#transactions = new KnownTransactions(settings);
    this.#log = new TransactionLog({ logs, clock, logger, settings });
    this.#changes = new StateChanges({
      ...options,
      settings,
      log: this.#log,
      transactions: this.#transactions,
    });
  }

  static open(options: TransactionCoordinatorOptions): LoggedTransactionCoordinator {
    const coordinator = new LoggedTransactionCoordinator(options);
    coordinator.#load();
    return coordinator;
  }

  #load(): void {
    for (const transaction of this.#log.load().values()) this.#transactions.set(transaction);
    for (const transaction of this.#transactions.values())
      if (isPreparing(transaction)) this.#changes.complete(transaction);
    this.#background.every(
      () => this.#settings.timeoutCheckIntervalMs,
      async () => this.#abortTimedOut(),
    );
    this.#background.every(
      () => this.#settings.expirationCheckIntervalMs,
      async () => this.#forgetExpired(),
    );
  }

  /**
   * Creates `__transaction_state` if it does not exist. Throws COORDINATOR_NOT_AVAILABLE
   * (`ProtocolError`) when it cannot be created.
   */
  prepare(): Promise<void> {
    return this.#log.create();
  }

  async initProducerId(input: InitProducerIdInput): Promise<InitProducerIdResult> {
    const { transactionalId, timeoutMs, expected } = input;
    if (transactionalId === '') return refused('INVALID_REQUEST');
    if (timeoutMs <= 0 || timeoutMs > this.#settings.timeoutMsMax)
      return refused('INVALID_TRANSACTION_TIMEOUT');
    return this.#inTurn(transactionalId, refused, async () => {
      const known = this.#transactions.get(transactionalId);
      if (known === undefined && this.#transactions.size >= this.#settings.idsMax) return this.#tooManyIds();
      const current =
        known ?? newTransaction(transactionalId, await this.#logs.allocateProducerId(), this.#clock.now());
      if (!this.#transactions.hasRoomFor(current)) return this.#tooManyIds();
      const newProducerId = await this.#nextProducerId(current);
      const decision = decideInit(current, { timeoutMs, expected, newProducerId, nowMs: this.#clock.now() });
      const next = await this.#changes.carryOut(decision, current);
      if (typeof next === 'string') return refused(next);
      return isPreparing(next) ? refused('CONCURRENT_TRANSACTIONS') : accepted(next);
    });
  }

  /**
   * Returns NONE when all partitions are part of the producer's ongoing transaction, which begins
   * with the first one.
   */
  async addPartitions(input: TransactionInput, partitions: readonly TopicPartition[]): Promise<ErrorName> {
    const { transactionalId } = input;
    if (transactionalId === '') return 'INVALID_REQUEST';
    return this.#inTurn<ErrorName>(transactionalId, itself, async () => {
      const current = this.#transactions.get(transactionalId);
      const decision = decideAdd(current, { ...input, partitions, nowMs: this.#clock.now() });
      if (decision.outcome === 'changed' && !this.#mayGrowTo(decision.next)) return 'POLICY_VIOLATION';
      const next = await this.#changes.carryOut(decision, current);
      return typeof next === 'string' ? next : 'NONE';
    });
  }

  /**
   * Returns NONE when the partition is part of the producer's ongoing transaction, and
   * TRANSACTION_ABORTABLE when it is not. Changes nothing.
   */
  verify(
    { transactionalId, producerId, producerEpoch }: TransactionInput,
    partition: TopicPartition,
  ): ErrorName {
    if (transactionalId === '') return 'INVALID_REQUEST';
    if (this.#isUnavailable(transactionalId)) return 'NOT_COORDINATOR';
    return (
      refuseVerification(this.#transactions.get(transactionalId), { producerId, producerEpoch, partition }) ??
      'NONE'
    );
  }

  /**
   * Resolves when the outcome is on disk; the markers follow at once. With version 2, it returns
   * the producer id and epoch to use next.
   */
  async end(input: TransactionInput, committed: boolean): Promise<InitProducerIdResult> {
    const { transactionalId } = input;
    if (transactionalId === '') return refused('INVALID_REQUEST');
    return this.#inTurn(transactionalId, refused, async () => {
      const current = this.#transactions.get(transactionalId);
      const newProducerId = current === undefined ? noProducer : await this.#nextProducerId(current);
      const decision = decideEnd(current, { ...input, committed, newProducerId, nowMs: this.#clock.now() });
      const next = await this.#changes.carryOut(decision, current);
      if (typeof next === 'string') return refused(next);
      return accepted(isPreparing(next) ? completed(next, next.updatedAtMs) : next);
    });
  }

  find(transactionalId: string): Transaction | undefined {
    if (this.#isUnavailable(transactionalId))
      throw new ProtocolError('NOT_COORDINATOR', `the state of ${transactionalId} cannot be read`);
    return this.#transactions.get(transactionalId);
  }

  list({ statuses, producerIds, longerThanMs, pattern }: TransactionFilter): readonly Transaction[] {
    const nowMs = this.#clock.now();
    const ofStatus = new Set(statuses);
    const ofProducer = new Set(producerIds);
    return [...this.#transactions.values()].filter(
      ({ transactionalId, status, producerId, startedAtMs }) =>
        (ofStatus.size === 0 || ofStatus.has(status)) &&
        (ofProducer.size === 0 || ofProducer.has(producerId)) &&
        (longerThanMs < 0n || BigInt(nowMs - startedAtMs) > longerThanMs) &&
        (pattern === undefined || pattern.test(transactionalId)),
    );
  }

  /** Stops every timer. Resolves when everything that has begun is finished. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#background.stop();
    await this.#oneByOne.idle();
    await this.#changes.close();
  }

  /**
   * Runs after the markers of the previous transaction are written, or after `completionWaitMs`.
   */
  #inTurn<Result>(
    transactionalId: string,
    refuse: (name: ErrorName) => Result,
    work: () => Promise<Result>,
  ): Promise<Result> {
    return this.#oneByOne.run(transactionalId, async () => {
      if (this.#isUnavailable(transactionalId)) return refuse('NOT_COORDINATOR');
      await this.#changes.completion(transactionalId);
      return work();
    });
  }

  #isUnavailable(transactionalId: string): boolean {
    return this.#closed || this.#log.isUnreadable(transactionalId);
  }

  async #nextProducerId({ producerEpoch }: Transaction): Promise<bigint> {
    return isExhausted(producerEpoch) ? this.#logs.allocateProducerId() : noProducer;
  }

  /** Checks the limit of one transaction and the memory limit of all. */
  #mayGrowTo(next: Transaction): boolean {
    const { partitionsPerTransactionMax, bytesMax } = this.#settings;
    const count = next.partitions.length;
    if (count <= partitionsPerTransactionMax && this.#transactions.hasRoomFor(next)) return true;
    const { transactionalId } = next;
    this.#logger.warn(
      { transactionalId, count, partitionsPerTransactionMax, bytesMax },
      'partitions were rejected: end transactions earlier, ' +
        'or raise transactions.partitionsPerTransactionMax or transactions.bytesMax of startBroker',
    );
    return false;
  }

  #tooManyIds(): InitProducerIdResult {
    const { idsMax, bytesMax } = this.#settings;
    this.#logger.warn(
      { idsMax, bytesMax },
      'a new transactional id was rejected: use fewer, or raise transactions.idsMax or ' +
        'transactions.bytesMax of startBroker',
    );
    return refused('POLICY_VIOLATION');
  }

  #abortTimedOut(): void {
    for (const { transactionalId } of [...this.#transactions.values()].filter((one) =>
      isTimedOut(one, this.#clock.now()),
    ))
      void this.#oneByOne
        .run(transactionalId, async () => {
          const current = this.#transactions.get(transactionalId);
          if (this.#closed || current === undefined || !isTimedOut(current, this.#clock.now())) return;
          this.#logger.info(
            { transactionalId, timeoutMs: current.timeoutMs },
            'a transaction has timed out and is aborted',
          );
          const newProducerId = await this.#nextProducerId(current);
          await this.#changes.carryOut(
            { outcome: 'changed', next: fenced(current, { newProducerId, nowMs: this.#clock.now() }) },
            current,
          );
        })
        .catch((error: unknown) =>
          this.#logger.warn(
            { transactionalId, err: error },
            'a transaction that has timed out could not be aborted yet',
          ),
        );
  }

  #forgetExpired(): void {
    const { idExpirationMs } = this.#settings;
    for (const one of [...this.#transactions.values()].filter((it) =>
      isExpired(it, this.#clock.now(), idExpirationMs),
    ))
      void this.#oneByOne.run(one.transactionalId, async () => {
        if (this.#closed || this.#transactions.get(one.transactionalId) !== one) return;
        await this.#log
          .forget(one.transactionalId, () => this.#transactions.delete(one.transactionalId))
          .catch((error: unknown) =>
            this.#logger.warn({ err: error }, 'an expired transactional id could not be removed yet'),
          );
      });
  }
}
