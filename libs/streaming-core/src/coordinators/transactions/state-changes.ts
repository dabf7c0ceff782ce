import type { Producer } from '../coordinator-topic.ts';
import { pause, RetryLog } from '../../runtime/index.ts';
import { type ErrorName, errorCodes, ProtocolError } from '../../protocol/errors.ts';
import {
  completed,
  isPreparing,
  type Transaction,
  noEpoch,
  noProducer,
  type InitProducerIdResult,
} from './transaction.ts';
import type { Decision } from './decisions.ts';
import { MarkerWriter, type MarkerWriterPorts } from './marker-writer.ts';
import type { TransactionLog } from './transaction-log.ts';
import { HeldBytes } from '../../runtime/held-bytes.ts';

/**
 * Measured and rounded up. Strings may take two bytes per UTF-16 unit. An id is stored in its
 * transaction and in what waits for it.
 */
const bytesOfId = 500;
const bytesOfPartition = 120;
const bytesPerUnit = 2;

/** Estimates the memory of a transactional id and of the partitions of its transaction. */
const bytesOf = (transaction: Transaction | undefined): number =>
  transaction === undefined
    ? 0
    : bytesOfId +
      bytesPerUnit * transaction.transactionalId.length +
      transaction.partitions.reduce(
        (sum, { topic }) => sum + bytesOfPartition + bytesPerUnit * topic.length,
        0,
      );

/** The durable state of each transactional id, and the memory that all of them take. */
export class KnownTransactions {
  readonly #byId = new Map<string, Transaction>();
  readonly #held: HeldBytes;

  constructor(options: { readonly bytesMax: number }) {
    this.#held = new HeldBytes(options);
  }

  get size(): number {
    return this.#byId.size;
  }

  get(transactionalId: string): Transaction | undefined {
    return this.#byId.get(transactionalId);
  }

  values(): IterableIterator<Transaction> {
    return this.#byId.values();
  }

  set(transaction: Transaction): void {
    this.#held.add(bytesOf(transaction) - bytesOf(this.#byId.get(transaction.transactionalId)));
    this.#byId.set(transaction.transactionalId, transaction);
  }

  delete(transactionalId: string): void {
    this.#held.add(-bytesOf(this.#byId.get(transactionalId)));
    this.#byId.delete(transactionalId);
  }

  /** Whether there is memory for the transaction in place of the current one of its id. */
  hasRoomFor(transaction: Transaction): boolean {
    return this.#held.hasRoomFor(bytesOf(transaction) - bytesOf(this.#byId.get(transaction.transactionalId)));
  }
}

export const refused = (name: ErrorName): InitProducerIdResult => ({
  errorCode: errorCodes[name],
  producerId: noProducer,
  producerEpoch: noEpoch,
});

export const accepted = ({ producerId, producerEpoch }: Producer): InitProducerIdResult => ({
  errorCode: errorCodes.NONE,
  producerId,
  producerEpoch,
});

/** Translates an error of the coordinator's own log as Kafka does, so that clients retry. */
function nameOfFailedWrite(error: unknown): ErrorName {
  if (!(error instanceof ProtocolError)) return 'UNKNOWN_SERVER_ERROR';
  if (error.errorName === 'KAFKA_STORAGE_ERROR' || error.errorName === 'NOT_LEADER_OR_FOLLOWER')
    return 'NOT_COORDINATOR';
  const passing: readonly ErrorName[] = ['COORDINATOR_NOT_AVAILABLE', 'UNKNOWN_TOPIC_OR_PARTITION'];
  return passing.includes(error.errorName) ? 'COORDINATOR_NOT_AVAILABLE' : 'UNKNOWN_SERVER_ERROR';
}

interface StateChangesOptions extends MarkerWriterPorts {
  readonly log: TransactionLog;
  readonly transactions: KnownTransactions;
}

/**
 * Makes each new state of a transaction durable, and writes the markers of a transaction that is
 * prepared to commit or abort.
 */
export class StateChanges {
  readonly #options: StateChangesOptions;
  readonly #writes: RetryLog;
  readonly #markers: MarkerWriter;
  /** Transactional ids whose markers are being written. */
  readonly #completing = new Map<string, Promise<void>>();

  constructor(options: StateChangesOptions) {
    this.#options = options;
    this.#writes = new RetryLog({ ...options, level: 'error' });
    this.#markers = new MarkerWriter(options);
  }

  /** Returns the transaction that is now current, or why the decision could not be carried out. */
  async carryOut(decision: Decision, current: Transaction | undefined): Promise<Transaction | ErrorName> {
    if (decision.outcome === 'refused') return decision.error;
    if (decision.outcome === 'unchanged') return current!;
    const { next } = decision;
    try {
      await this.#options.log.append(next, () => this.#options.transactions.set(next));
    } catch (error) {
      const { transactionalId } = next;
      this.#writes.failed(error, 'the state of a transaction could not be written', { transactionalId });
      return nameOfFailedWrite(error);
    }
    this.#writes.recovered('states of transactions can be written again');
    if (isPreparing(next)) this.complete(next);
    return next;
  }

  /**
   * Writes the markers and then the end of the transaction. Markers that can be written at once are
   * written before this returns.
   */
  complete(prepared: Transaction): void {
    const { transactionalId, producerId, producerEpoch, status, partitions } = prepared;
    const coordinatorEpoch = this.#options.log.coordinatorEpoch(transactionalId);
    const marker = { producerId, producerEpoch, coordinatorEpoch, committed: status === 'PrepareCommit' };
    const done = this.#markers
      .write(partitions, marker)
      .then((written) => (written ? this.#ended(completed(prepared, this.#options.clock.now())) : undefined))
      .finally(() => this.#completing.delete(transactionalId));
    this.#completing.set(transactionalId, done);
  }

  /**
   * Resolves when the markers of this id's last transaction are written, or after
   * `completionWaitMs`.
   */
  async completion(transactionalId: string): Promise<void> {
    const completing = this.#completing.get(transactionalId);
    if (completing === undefined) return;
    const { clock, settings } = this.#options;
    const done = new AbortController();
    await Promise.race([completing, pause(clock, settings.completionWaitMs, done.signal)]);
    done.abort();
  }

  async close(): Promise<void> {
    this.#markers.close();
    await Promise.all(this.#completing.values());
    await this.#options.log.settled();
  }

  /**
   * The end takes effect before it is on disk. This is safe: if the end is lost, the same markers
   * are written again, and the next state of the id comes after it in the log.
   */
  #ended(transaction: Transaction): void {
    const { transactionalId } = transaction;
    this.#options.transactions.set(transaction);
    this.#options.log
      .append(transaction, () => undefined)
      .catch((error: unknown) =>
        this.#options.logger.warn(
          { transactionalId, err: error },
          'the end of a transaction could not be written',
        ),
      );
  }
}
