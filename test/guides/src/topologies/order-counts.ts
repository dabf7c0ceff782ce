import {
  consumed,
  type KeyValueStore,
  keyValueStore,
  type Processor,
  type ProcessorContext,
  produced,
  serdes,
  StreamsBuilder,
  type Topology,
} from '@millrace/streams';

/** G36: a processor with a store of its own, which its changelog brings back after a crash. */
export function orderCounts(): Topology {
  const builder = new StreamsBuilder();
  builder.addStateStore(keyValueStore('order-counts', serdes.string, serdes.safeLong));
  builder
    .stream('orders', consumed(serdes.string, serdes.string))
    .process(countOrders, { stores: ['order-counts'] })
    .to('order-counts-output', produced(serdes.string, serdes.safeLong));
  return builder.build();
}

function countOrders(): Processor<string, string, string, number> {
  let context: ProcessorContext<string, number>;
  let counts: KeyValueStore<string, number>;
  return {
    init(given) {
      context = given;
      counts = given.store('order-counts');
    },
    process(record) {
      const count = (counts.get(record.key) ?? 0) + 1;
      counts.put(record.key, count);
      context.forward({ ...record, value: count });
    },
  };
}
