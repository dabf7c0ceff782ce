import type { Producer } from '../../client/index.ts';
import type { SqlDatabase } from '../../postgres/index.ts';
import { AtLeastOncePublisher } from './at-least-once.ts';
import type { Delivery } from './delivery.ts';
import { ExactlyOncePublisher } from './exactly-once.ts';
import type { Publisher } from './publisher.ts';
import type { RelayTransactions } from './relay-transactions.ts';

export interface DeliveryOptions {
  /** How often a row may appear on the log. The default is `at-least-once`. */
  readonly delivery?: Delivery;
  /**
   * The transactions for `exactly-once`. A relay that goes back to `at-least-once` needs them too,
   * to read the cursor on the log once more.
   */
  readonly transactions?: RelayTransactions;
}

export interface PublisherOptions extends DeliveryOptions {
  readonly name: string;
  readonly database: SqlDatabase;
  readonly producer: Producer;
}

export function createPublisher({ delivery, transactions, ...options }: PublisherOptions): Publisher {
  if (delivery !== 'exactly-once') return new AtLeastOncePublisher({ ...options, transactions });
  if (transactions !== undefined) return new ExactlyOncePublisher({ ...options, transactions });
  throw new Error('a relay with the delivery exactly-once needs the option transactions');
}
