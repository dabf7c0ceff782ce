import { describe, expect, it } from '@jest/globals';
import {
  consumed,
  grouped,
  type KGroupedStream,
  type KStream,
  type KTable,
  produced,
  serdes,
  StreamsBuilder,
} from '../index.ts';

/** Compiles only if both types are the same. */
type Same<One, Other> =
  (<T>() => T extends One ? 1 : 2) extends <T>() => T extends Other ? 1 : 2 ? true : never;
const same = <One, Other>(_value: One, verdict: Same<One, Other>): boolean => verdict;

interface Order {
  readonly customer: string;
  readonly cents: number;
}
const orders = consumed(serdes.string, serdes.json<Order>());

describe('the types of a topology', () => {
  it('follow the operators without annotations', () => {
    const builder = new StreamsBuilder();
    const stream = builder.stream('orders', orders);
    const mapped = stream.map((id, order) => [order.customer, { id, cents: order.cents }]);
    const flat = mapped.flatMapValues((value) => [value.cents, value.id]);
    const branches = stream
      .split()
      .branch((_id, order) => order.cents > 0)
      .noDefaultBranch();

    expect(same<typeof stream, KStream<string, Order>>(stream, true)).toBe(true);
    expect(same<typeof mapped, KStream<string, { id: string; cents: number }>>(mapped, true)).toBe(true);
    expect(same<typeof flat, KStream<string, string | number>>(flat, true)).toBe(true);
    expect(same<typeof branches, ReadonlyMap<string, KStream<string, Order>>>(branches, true)).toBe(true);
  });

  it('narrow with a filter whose predicate is a type guard', () => {
    const either = consumed(serdes.string, serdes.json<Order | string>());
    const stream = new StreamsBuilder().stream('either', either);
    const names = stream.filter((_id, value) => typeof value === 'string');
    const kept = stream.filterNot((_id, value) => value === '');

    expect(same<typeof names, KStream<string, string>>(names, true)).toBe(true);
    expect(same<typeof kept, typeof stream>(kept, true)).toBe(true);
  });

  it('exclude null keys and values from aggregations, and show that a table may delete', () => {
    const builder = new StreamsBuilder();
    const group = builder
      .table('orders', orders)
      .toStream()
      .groupBy((_id, order) => order?.customer ?? null, grouped(serdes.string, serdes.json<Order>()));
    const table = group.count();
    const updates = table.toStream();

    expect(same<typeof group, KGroupedStream<string, Order>>(group, true)).toBe(true);
    expect(same<typeof table, KTable<string, number>>(table, true)).toBe(true);
    expect(same<typeof updates, KStream<string, number | null>>(updates, true)).toBe(true);
  });

  it('accept a stream, table or branch where one with nullable keys or values is expected', () => {
    const builder = new StreamsBuilder();
    const stream = builder.stream('orders', orders);
    const table = builder.table('customers', orders);
    const branches = stream.split().defaultBranch({ chain: (branch) => branch.filter((id) => id !== '') });

    const nullableStream: KStream<string | null, Order | null> = stream;
    const nullableTable: KTable<string | null, Order | null> = table;
    const nullableBranches: ReadonlyMap<string, KStream<string | null, Order | null>> = branches;
    expect(nullableStream).toBe(stream);
    expect(nullableTable).toBe(table);
    expect(nullableBranches).toBe(branches);
  });

  it('reject a serde of another type', () => {
    const stream = new StreamsBuilder().stream('orders', orders);

    // @ts-expect-error The values are orders.
    stream.to('out', produced(serdes.string, serdes.safeLong));
    // @ts-expect-error The new key is a number.
    stream.groupBy((_id, order) => order.cents, grouped(serdes.string));
    // @ts-expect-error The streams have values of different types.
    stream.merge(stream.mapValues((order) => order.cents));
    expect(stream.groupByKey()).toBeDefined();
  });
});
