import { z } from 'zod';
import { type DurationMs, withDeadline } from '../../runtime/index.ts';
import { ClientError } from '../errors/client-error.ts';
import { connectionSettings } from '../connection/connection-settings.ts';
import { checkedOptions, named, optionsOf, wholeNumber, type OptionSchemas } from '../connection/options.ts';
import { OpenTransaction, type TransactionContext, type TransactionSettings } from './open-transaction.ts';
import { Deliveries } from '../producer/deliveries.ts';
import {
  producerDefaults,
  sendingDefaults,
  sendingSchemas,
  type SendingOptions,
} from '../producer/producer-settings.ts';
import { stickyPartitioner } from '../producer/partitioners.ts';
import { stayAlive } from '../stay-alive.ts';
import { type TransactionProtocol, TransactionWire } from './transaction-wire.ts';
import { TransactionSession } from './transaction-session.ts';
import type { Transaction, TransactionalProducer } from '../transaction-types.ts';
import { reportSend, type ReportingClient } from '../operation-reports.ts';

export interface TransactionalProducerOptions extends SendingOptions {
  /** Transactions need idempotence, so there is nothing to choose. */
  readonly idempotence?: true;
  /**
   * Must be unique among all running producers and the same after a restart, so that the successor
   * ends a transaction that this producer left open.
   */
  readonly transactionalId: string;
  /**
   * The coordinator aborts a transaction that is open for longer and fences its producer. The
   * broker accepts at most `transaction.max.timeout.ms`, which is 15 minutes by default.
   */
  readonly transactionTimeoutMs?: DurationMs;
  /**
   * The newest version of the transaction protocol to use if the cluster supports it. The default
   * is 2.
   */
  readonly transactionProtocolMax?: TransactionProtocol;
}

const transactionalOptions = optionsOf({
  ...sendingSchemas,
  idempotence: z.literal(true, { error: 'true, or leave it out: transactions need it' }).optional(),
  transactionalId: named('the id of this producer, which no other running one has'),
  transactionTimeoutMs: wholeNumber(1, 2 ** 31 - 1).optional(),
  transactionProtocolMax: z.literal([1, 2], { error: '1 or 2' }).optional(),
} satisfies OptionSchemas<TransactionalProducerOptions>);

/**
 * Creates a producer that connects at `open` or at the first `begin` and recovers from failures by
 * itself. Callers do not notice an outage within `deliveryTimeoutMs`. A failed transaction is
 * aborted, and then the next one can begin. Only `fenced` is permanent.
 */
export function connectTransactionalProducer(given: TransactionalProducerOptions): TransactionalProducer {
  const options = checkedOptions(transactionalOptions, given);
  const settings = {
    ...sendingDefaults,
    partitioner: stickyPartitioner(),
    transactionTimeoutMs: 60_000,
    transactionProtocolMax: 2 as const,
    transactionalId: options.transactionalId,
    ...connectionSettings(options),
    ...producerDefaults,
    idempotence: true,
  };
  const producer = new CoordinatedProducer({ ...settings, batchBytesMax: settings.requestBytesMax });
  return reportingTransactions(settings, producer);
}

class CoordinatedProducer implements TransactionalProducer {
  readonly #settings: TransactionSettings;
  readonly #context: TransactionContext;
  readonly #wire: TransactionWire;
  #current: OpenTransaction | undefined;
  #beginning = false;
  #closed = false;

  constructor(settings: TransactionSettings) {
    this.#settings = settings;
    const { clock, transactionalId, deliveryTimeoutMs } = settings;
    const wire = new TransactionWire(settings);
    const deadline = () => clock.monotonic() + deliveryTimeoutMs;
    const session = new TransactionSession(wire, transactionalId, deadline);
    const deliveries = new Deliveries(settings, wire.brokers, session);
    this.#wire = wire;
    this.#context = { settings, wire, session, deliveries };
  }

  async open(): Promise<void> {
    if (this.#closed) throw closed();
    const { clock, deliveryTimeoutMs } = this.#settings;
    await stayAlive(this.#wire.ready(clock.monotonic() + deliveryTimeoutMs));
  }

  async begin(): Promise<Transaction> {
    if (this.#current || this.#beginning)
      throw new ClientError(
        'transaction_over',
        'the previous transaction is still open: commit or abort it first',
      );
    this.#beginning = true;
    try {
      await this.open();
      const opened = new OpenTransaction(this.#context, () => (this.#current = undefined));
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
          this.#settings.logger.warn(
            { error: failure },
            'aborting the transaction failed: the next begin, a successor or its timeout aborts it',
          ),
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
          'the producer was closed with an open transaction: its successor or its timeout aborts it',
        ),
      );
    this.#wire.close();
    this.#context.deliveries.close(closed());
  }
}

function closed(): ClientError {
  return new ClientError('closed', 'the producer is closed');
}

/** Returns the producer with a report of each send on `tracing:millrace.client.send`. */
const reportingTransactions = (
  client: ReportingClient,
  producer: TransactionalProducer,
): TransactionalProducer =>
  withSends(
    producer,
    (transaction) => (records) => reportSend(client, records, (sent) => transaction.send(sent)),
  );

/** Returns the producer with another `send` in each of its transactions. */
function withSends(
  producer: TransactionalProducer,
  sendOf: (transaction: Transaction) => Transaction['send'],
): TransactionalProducer {
  const replaced = (transaction: Transaction): Transaction => ({
    send: sendOf(transaction),
    sendOffsets: (owner, offsets) => transaction.sendOffsets(owner, offsets),
    commit: () => transaction.commit(),
    abort: () => transaction.abort(),
  });
  return {
    open: () => producer.open(),
    begin: async () => replaced(await producer.begin()),
    transaction: (work) => producer.transaction((transaction) => work(replaced(transaction))),
    close: () => producer.close(),
  };
}
