import type { DurationMs } from '../../runtime/index.ts';
import { withDeadline } from '../../runtime/index.ts';
import { ClientError } from '../client-error.ts';
import { connectionSettings } from '../connection/connection.ts';
import { OpenTransaction, type TransactionSettings } from './open-transaction.ts';
import { stickyPartitioner } from '../producer/partitioners.ts';
import { sendingDefaults, type ProducerOptions } from '../producer/producer.ts';
import { stayAlive } from '../stay-alive.ts';
import type { TransactionProtocol } from './transaction-protocol.ts';
import { TransactionWire } from './transaction-wire.ts';
import type { Transaction, TransactionalProducer } from '../types.ts';

export interface TransactionalProducerOptions extends ProducerOptions {
  /** Unique among all that run at the same time, and the same again after a restart: the successor finishes what this one leaves. */
  readonly transactionalId: string;
  /** The coordinator aborts a transaction that is open for longer, and its producer is fenced. The broker's `transaction.max.timeout.ms` is 15 minutes. */
  readonly transactionTimeoutMs?: DurationMs;
  /** The newest protocol that it uses where the cluster speaks it; 2 by default. */
  readonly transactionProtocolMax?: TransactionProtocol;
}

interface ProducerSettings extends TransactionSettings {
  readonly closeTimeoutMs: DurationMs;
}

/**
 * Connects at `open`, or at the first `begin`, and heals by itself: an outage within `deliveryTimeoutMs` goes unnoticed, and a failed transaction is
 * aborted, after which the next one may begin. Only `fenced` is for good.
 */
export function connectTransactionalProducer(options: TransactionalProducerOptions): TransactionalProducer {
  return new CoordinatedProducer({
    ...sendingDefaults,
    partitioner: stickyPartitioner(),
    transactionTimeoutMs: 60_000,
    transactionProtocolMax: 2,
    transactionalId: options.transactionalId,
    ...connectionSettings(options),
  });
}

class CoordinatedProducer implements TransactionalProducer {
  readonly #settings: ProducerSettings;
  readonly #wire: TransactionWire;
  #current: OpenTransaction | undefined;
  #beginning = false;
  #closed = false;

  constructor(settings: ProducerSettings) {
    this.#settings = settings;
    this.#wire = new TransactionWire(settings);
  }

  async open(): Promise<void> {
    if (this.#closed) throw closed();
    const { clock, deliveryTimeoutMs } = this.#settings;
    await stayAlive(this.#wire.ready(clock.monotonic() + deliveryTimeoutMs));
  }

  async begin(): Promise<Transaction> {
    if (this.#current || this.#beginning)
      throw new ClientError('transaction_over', 'end the transaction before with commit or abort');
    this.#beginning = true;
    try {
      await this.open();
      const opened = new OpenTransaction(this.#settings, this.#wire, () => (this.#current = undefined));
      this.#current = opened;
      return opened;
    } finally {
      this.#beginning = false;
    }
  }

  async transaction<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result> {
    const transaction = await this.begin();
    let result: Result;
    try {
      result = await work(transaction);
    } catch (error) {
      await transaction
        .abort()
        .catch((failure: unknown) =>
          this.#settings.logger.warn({ error: failure }, 'the transaction is left to be aborted'),
        );
      throw error;
    }
    await transaction.commit();
    return result;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const { clock, closeTimeoutMs, logger } = this.#settings;
    const late = () =>
      new ClientError('timeout', `ending the transaction took longer than ${closeTimeoutMs} ms`);
    if (this.#current)
      await withDeadline(clock, closeTimeoutMs, this.#current.finish(), late).catch((error: unknown) =>
        logger.warn(
          { error },
          'closing the producer with its transaction open: its successor or its timeout aborts it',
        ),
      );
    await this.#wire.close();
  }
}

function closed(): ClientError {
  return new ClientError('closed', 'the producer is closed');
}
