import { eventsOfOrders, type OrderStyle } from '@millrace/contracts';
import { silentLogger } from '@millrace/streaming-core/runtime';
import {
  connectGroupConsumer,
  partitionOfKey,
  type ConsumedRecord,
  type GroupConsumer,
} from '@millrace/streaming-core/client';
import { readToEnd } from './read-to-end.ts';

export interface PublicEvent {
  readonly type: string;
  readonly time: string;
  readonly id: string;
  readonly correlationId: string;
  readonly causationId: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** The public events of an order that nothing prevents, up to its end. A fork's step may be in one style only. */
export const completedStory: Readonly<Record<OrderStyle, readonly string[]>> = {
  orchestrated: [
    'OrderCreated',
    'InventoryReserved',
    'PaymentProcessed',
    'ShipmentScheduled',
    'OrderCompleted',
    'ReservationCommitted',
  ],
  choreographed: [
    'OrderCreated',
    'InventoryReserved',
    'PaymentProcessed',
    'ShipmentScheduled',
    'OrderCompleted',
    'ReservationCommitted',
  ],
};

/** The events that a cancelled order publishes in the orchestrated style between its creation and its end. */
interface Failing {
  readonly before: readonly string[];
  /** The answers to the commands that undo it. Nobody sends them to a choreographed order. */
  readonly undone: readonly string[];
}

/** A choreographed order does not take the steps that only the saga has. */
const isChoreographed = (type: string): boolean =>
  completedStory.choreographed.includes(type) || !completedStory.orchestrated.includes(type);

/**
 * The public events of an order that is cancelled. A choreographed order publishes that it has failed,
 * and every participant answers, even if it has nothing to undo.
 */
export const cancelledStory = (style: OrderStyle, { before, undone }: Failing): readonly string[] => [
  'OrderCreated',
  ...(style === 'orchestrated'
    ? [...before, ...undone]
    : [...before.filter(isChoreographed), 'OrderFailed', ...answersToFailure]),
  'OrderCancelled',
];

const answersToFailure = ['InventoryReleased', 'PaymentRefunded', 'ShipmentCancelled'];

/** Sorts what follows the failure of a choreographed order, since its participants answer in any order. */
export function withSortedAnswers(types: readonly string[]): readonly string[] {
  const failed = types.indexOf('OrderFailed');
  if (failed === -1) return types;
  const answers = types.slice(failed + 1).filter((type) => type !== 'OrderCancelled');
  const end = types.filter((type) => type === 'OrderCancelled');
  return [...types.slice(0, failed + 1), ...answers.sort(), ...end];
}

/** Reads the public events of an order from the log itself. */
export class StoryTeller {
  readonly #consumer: GroupConsumer;

  constructor(bootstrapServers: string) {
    this.#consumer = connectGroupConsumer({
      bootstrapServers: bootstrapServers.split(','),
      clientId: 'story',
      groupId: 'story',
      topics: eventsOfOrders.map(({ name }) => name),
      fetchMaxWaitMs: 100,
      logger: silentLogger,
    });
  }

  /**
   * Every public event of the order by time. Each id appears once, although a relay may publish it
   * twice after a crash.
   */
  async of(orderId: string): Promise<readonly PublicEvent[]> {
    const events = new Map<string, PublicEvent>();
    for (const { name, partitions } of eventsOfOrders) {
      const records = await readToEnd(this.#consumer, {
        topic: name,
        partition: partitionOfKey(Buffer.from(orderId), partitions),
      });
      for (const record of records.filter(({ key }) => key?.toString('utf8') === orderId))
        events.set(headerOf(record, 'ce_id'), publicEvent(record));
    }
    return [...events.values()].sort((one, other) => one.time.localeCompare(other.time));
  }

  close(): Promise<void> {
    return this.#consumer.close();
  }
}

function publicEvent(record: ConsumedRecord): PublicEvent {
  return {
    type: headerOf(record, 'ce_type'),
    time: headerOf(record, 'ce_time'),
    id: headerOf(record, 'ce_id'),
    correlationId: headerOf(record, 'ce_correlationid'),
    causationId: headerOf(record, 'ce_causationid'),
    value: JSON.parse(String(record.value)) as Record<string, unknown>,
  };
}

/** Returns a header that every message of the platform has. A record without it is an error. */
function headerOf({ headers, topic, partition, offset }: ConsumedRecord, name: string): string {
  const header = headers.get(name);
  if (header === undefined)
    throw new Error(`the record at offset ${offset} of ${topic}/${partition} has no header ${name}`);
  return header;
}
