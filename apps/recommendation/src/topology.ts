import { orderEvents, type OrderEvent } from '@millrace/contracts';
import { anyMessageOf } from '@millrace/streaming-core/contract';
import {
  consumed,
  days,
  grouped,
  materialized,
  serdes,
  StreamsBuilder,
  windowStore,
  type LogRecord,
  type Processor,
  type ProcessorContext,
  type StreamRecord,
  type Topology,
  type WindowStore,
} from '@millrace/streams';
import {
  neighboursAfter,
  profileAfter,
  type Basket,
  type Counts,
  type Profile,
} from './domain/recommendations.ts';

/** The consumer group. It also begins the names of the internal topics, so it must not change. */
export const applicationId = 'recommendation';
/** The topic of records that are no event of an order, with the reason in their headers. */
export const refusedEvents = 'recommendation-refused-events';
/** The store of profiles, by the customer's id. */
export const profiles = 'profiles';
/** The store of neighbours: how often other products were bought with a product. */
export const neighbours = 'neighbours';
const seenOrders = 'seen-orders';

/** The relay may publish an event twice, but never this far apart. */
const seenMs = days(8);
/** Products beyond this many are not counted: so large an order says little about what belongs together. */
const productsPerOrderMax = 20;

export const events = serdes.json<OrderEvent>(anyMessageOf(orderEvents));
const names = serdes.json<readonly string[]>();

/** Returns the time at which an event was published. A record without a key or a value is no event. */
function timeOf({ key, value, timestampMs }: LogRecord<string | null, OrderEvent | null>): number {
  if (key === null || value === null)
    throw new TypeError(`the record has no ${key === null ? 'key' : 'value'}`);
  return timestampMs;
}

/** Follows what customers buy, and what is bought together. It reads order-events and nothing else. */
export function topology(): Topology {
  const builder = new StreamsBuilder();
  const baskets = builder
    .stream(orderEvents.declaration.name, consumed(serdes.string, events, { timestampExtractor: timeOf }))
    .process(() => new PlacedOrders(), {
      named: 'placed-orders',
      stores: [
        windowStore(seenOrders, serdes.string, serdes.string, { retentionMs: seenMs, windowSizeMs: 1 }),
      ],
    });
  baskets
    .groupBy(
      (_orderId, { customerId }) => customerId,
      grouped(serdes.string, serdes.json<Basket>(), 'customers'),
    )
    .aggregate(
      (): Profile => [],
      (_customerId, basket, profile) => profileAfter(profile, basket),
      materialized(profiles, { keySerde: serdes.string, valueSerde: serdes.json<Profile>() }),
    );
  baskets
    .flatMap<string, readonly string[]>((_orderId, { skus }) =>
      skus.length === 1 ? [] : skus.map((sku) => [sku, skus.filter((other) => other !== sku)] as const),
    )
    .groupByKey(grouped(serdes.string, names, 'products'))
    .aggregate(
      (): Counts => [],
      (_sku, others, counts) => neighboursAfter(counts, others),
      materialized(neighbours, { keySerde: serdes.string, valueSerde: serdes.json<Counts>() }),
    );
  return builder.build();
}

/** Forwards the products of an order when it is placed, and ignores repeated events. */
class PlacedOrders implements Processor<string, OrderEvent, string, Basket> {
  #context!: ProcessorContext<string, Basket>;
  #seen!: WindowStore<string, string>;

  init(context: ProcessorContext<string, Basket>): void {
    this.#context = context;
    this.#seen = context.store(seenOrders);
  }

  process(record: StreamRecord<string, OrderEvent>): void {
    const { key, value, timestampMs } = record;
    if (value.type !== 'OrderCreated' || this.#wasSeen(key, timestampMs)) return;
    this.#seen.put(key, '', timestampMs);
    const skus = [...new Set(value.lines.map(({ sku }) => sku))].slice(0, productsPerOrderMax);
    const { orderId, customerId } = value;
    const placedAt = new Date(value.placedAt).toISOString();
    this.#context.forward({ ...record, value: { orderId, customerId, placedAt, skus } });
  }

  #wasSeen(orderId: string, timeMs: number): boolean {
    using found = this.#seen.fetchRange(orderId, timeMs - seenMs, timeMs + seenMs);
    return found.next().done !== true;
  }
}
