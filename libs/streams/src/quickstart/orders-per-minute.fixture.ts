import {
  consumed,
  grouped,
  hours,
  materialized,
  minutes,
  produced,
  serdes,
  StreamsBuilder,
  timeWindows,
  type Topology,
} from '../index.ts';

export interface Order {
  readonly sku: string;
  readonly quantity: number;
}

export const orders = serdes.json<Order>();
export const perMinute = serdes.timeWindowed(serdes.string, minutes(1));

export function ordersPerMinute(): Topology {
  const builder = new StreamsBuilder();
  builder
    .stream('orders', consumed(serdes.string, orders))
    .groupBy((_id, order) => order.sku, grouped(serdes.string, orders))
    .windowedBy(timeWindows(minutes(1)).grace(minutes(5)))
    .onLate((late) => late.to('late-orders', produced(serdes.string, orders)))
    .count(materialized('orders-per-minute', { retentionMs: hours(1) }))
    .toStream()
    .to('orders-per-minute', produced(perMinute, serdes.safeLong));
  return builder.build();
}
