import { orderEvents, type OrderEvent } from '@millrace/contracts';
import { anyMessageOf } from '@millrace/streaming-core/contract';
import {
  consumed,
  days,
  grouped,
  keyValueStore,
  materialized,
  serdes,
  StreamsBuilder,
  type KeyValueStore,
  type LogRecord,
  type Processor,
  type ProcessorContext,
  type StreamRecord,
  type Topology,
} from '@millrace/streams';
import { figuresAfter, noFigures, type Figures, type OrderStep } from './domain/figures.ts';
import { progressAfter, type OrderProgress } from './domain/order-progress.ts';

/** The consumer group. It also begins the names of the internal topics, so it must not change. */
export const applicationId = 'analytics';
/** The topic of records that are no event of an order, with the reason in their headers. */
export const refusedEvents = 'analytics-refused-events';
/** The figures of each day, by the day. */
export const figuresByDay = 'figures-by-day';
/** How much was ordered of each product on each day, by `2026-01-31 SKU`. */
export const quantities = 'quantities-by-day';
const progress = 'orders';

/** How long an ended order is remembered, so that an event that comes twice counts once. */
const rememberedMs = days(8);

export const events = serdes.json<OrderEvent>(anyMessageOf(orderEvents));
const step = serdes.json<OrderStep>();

/** Returns the time at which an event was published. A record without a key or a value is no event. */
function timeOf({ key, value, timestampMs }: LogRecord<string | null, OrderEvent | null>): number {
  if (key === null || value === null)
    throw new TypeError(`the record has no ${key === null ? 'key' : 'value'}`);
  return timestampMs;
}

/**
 * Counts orders, outcomes, revenue and products by the day on which an order was placed. The relay
 * may publish an event twice, so an order is followed first, and only its steps count.
 */
export function topology(): Topology {
  const builder = new StreamsBuilder();
  const steps = builder
    .stream(orderEvents.declaration.name, consumed(serdes.string, events, { timestampExtractor: timeOf }))
    .process(() => new FollowedOrders(), {
      named: 'follow-orders',
      stores: [keyValueStore(progress, serdes.string, serdes.json<OrderProgress>())],
    });
  steps
    .groupBy((_orderId, { after }) => after.day, grouped(serdes.string, step, 'days'))
    .aggregate(
      () => noFigures,
      (_day, each, figures) => figuresAfter(figures, each),
      materialized(figuresByDay, { keySerde: serdes.string, valueSerde: serdes.json<Figures>() }),
    );
  steps
    .filter((_orderId, { before }) => before === null)
    .flatMap((_orderId, { after }) =>
      after.lines.map(({ sku, quantity }) => [`${after.day} ${sku}`, quantity]),
    )
    .groupByKey(grouped(serdes.string, serdes.json<number>(), 'products'))
    .reduce((sum, quantity) => sum + quantity, materialized(quantities));
  return builder.build();
}

/** Forwards an order's steps. Ended orders are forgotten after a while, so that the store stays small. */
class FollowedOrders implements Processor<string, OrderEvent, string, OrderStep> {
  #context!: ProcessorContext<string, OrderStep>;
  #orders!: KeyValueStore<string, OrderProgress>;

  init(context: ProcessorContext<string, OrderStep>): void {
    this.#context = context;
    this.#orders = context.store(progress);
    context.schedule(days(1), 'stream_time', (nowMs) => this.#forgetEndedBefore(nowMs - rememberedMs));
  }

  process(record: StreamRecord<string, OrderEvent>): void {
    const before = this.#orders.get(record.key);
    const after = progressAfter(before, record.value);
    if (after === null || after === before) return;
    this.#orders.put(record.key, after);
    this.#context.forward({ ...record, value: { before, after } });
  }

  #forgetEndedBefore(timeMs: number): void {
    const ended: string[] = [];
    using orders = this.#orders.all();
    for (const { key, value } of orders)
      if (value.endedAt !== undefined && Date.parse(value.endedAt) < timeMs) ended.push(key);
    for (const key of ended) this.#orders.delete(key);
  }
}
