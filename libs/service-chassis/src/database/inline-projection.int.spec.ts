import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RecordedEvent } from '@millrace/event-sourcing';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import { Column, Entity, PrimaryColumn, type DataSource } from 'typeorm';
import { safeInteger } from './columns.ts';
import { connect, createDataSource } from './data-source.ts';
import { inlineProjection } from './inline-projection.ts';
import { typeOrmDatabase } from './typeorm-database.ts';

@Entity({ name: 'order_summary' })
class OrderSummary {
  @PrimaryColumn({ name: 'order_id', type: 'text' })
  orderId!: string;

  @Column({ type: 'text' })
  status!: string;

  @Column({ type: 'bigint', transformer: safeInteger })
  total!: number;
}

@Entity({ name: 'shelf' })
class Shelf {
  @PrimaryColumn({ type: 'text' })
  sku!: string;

  @Column({ type: 'text' })
  name!: string;

  @Column({ type: 'bigint', transformer: safeInteger })
  units!: number;

  @Column({ name: 'seen_at', type: 'timestamptz' })
  seenAt!: Date;

  @Column({ type: 'jsonb' })
  tags!: unknown;
}

type OrderEvent =
  | { type: 'OrderCreated'; orderId: string; total: number }
  | { type: 'OrderCompleted'; orderId: string }
  | { type: 'OrderNoted' };

const orderSummary = inlineProjection<OrderEvent>()(
  'order-summary',
  { version: 1, entity: OrderSummary },
  {
    OrderCreated: (event, { insert }) =>
      insert({ orderId: event.orderId, status: 'pending', total: event.total }),
    OrderCompleted: (event, { update }) =>
      update(event.orderId, (row) => ({ status: `completed after ${row.status}` })),
  },
);

const recordedShelf = (event: ShelfEvent): RecordedEvent => ({ event }) as unknown as RecordedEvent;
const recorded = (event: OrderEvent): RecordedEvent => ({ event }) as RecordedEvent;

let server: TestDatabase;
let source: DataSource;

beforeAll(async () => {
  server = await createTestDatabase();
  await server.sql.query(
    'CREATE TABLE order_summary (order_id text PRIMARY KEY, status text NOT NULL, total bigint NOT NULL)',
  );
  await server.sql.query(
    'CREATE TABLE shelf (sku text PRIMARY KEY, name text NOT NULL, units bigint NOT NULL, seen_at timestamptz NOT NULL, tags jsonb NOT NULL)',
  );
  source = createDataSource({
    url: server.url,
    entities: [OrderSummary, Shelf],
    applicationName: 'chassis-test',
    poolSize: 4,
  });
  await connect(source, { url: server.url, waitMsMax: 5_000, logger: silentLogger });
});

afterAll(async () => {
  await source.destroy();
  await server.drop();
});

const statusOf = async (orderId: string) =>
  (await server.sql.query('SELECT status FROM order_summary WHERE order_id = $1', [orderId])).rows[0]?.status;

describe('an inline projection', () => {
  it('writes typed rows in the transaction of the append', async () => {
    await typeOrmDatabase(source).transaction((transaction) =>
      orderSummary.apply(transaction, [
        recorded({ type: 'OrderCreated', orderId: 'o1', total: 900 }),
        recorded({ type: 'OrderNoted' }),
        recorded({ type: 'OrderCompleted', orderId: 'o1' }),
      ]),
    );
    expect(await source.getRepository(OrderSummary).findOneBy({ orderId: 'o1' })).toEqual({
      orderId: 'o1',
      status: 'completed after pending',
      total: 900,
    });
    expect(orderSummary.eventTypes).toEqual(['OrderCreated', 'OrderCompleted']);
  });

  it('refuses to change a row that does not exist, and leaves nothing', async () => {
    const failed = typeOrmDatabase(source).transaction((transaction) =>
      orderSummary.apply(transaction, [
        recorded({ type: 'OrderCreated', orderId: 'o2', total: 1 }),
        recorded({ type: 'OrderCompleted', orderId: 'nobody' }),
      ]),
    );
    await expect(failed).rejects.toMatchObject({ code: 'projection_row_missing' });
    expect(await statusOf('o2')).toBeUndefined();
  });
});

type ShelfEvent =
  | { type: 'Stocked'; sku: string; units: number }
  | { type: 'Taken'; sku: string; units: number }
  | { type: 'Renamed'; sku: string; name: string }
  | { type: 'Dropped'; sku: string }
  | { type: 'Seen'; sku: string };

const sightings: unknown[] = [];

const shelf = inlineProjection<ShelfEvent>()(
  'shelf',
  { version: 1, entity: Shelf },
  {
    Stocked: ({ sku, units }, { upsert }) =>
      upsert({ sku, name: 'new', units, seenAt: new Date(0), tags: { a: [1, 'ä'] } }),
    Taken: ({ sku, units }, { update }) => update(sku, (row) => ({ units: row.units - units })),
    Renamed: ({ sku, name }, { update }) => update(sku, { name }),
    Dropped: ({ sku }, { remove }) => remove(sku),
    Seen: async ({ sku }, { find }) => void sightings.push((await find(sku))?.units ?? null),
  },
);

describe('an inline projection over a batch of events', () => {
  const apply = (...events: ShelfEvent[]) => {
    const asked: string[] = [];
    const applied = typeOrmDatabase(source).transaction(async (transaction) => {
      const { query } = transaction;
      Object.assign(transaction, {
        query: (...[text, values]: Parameters<typeof query>) => (
          asked.push(text.slice(0, 6)),
          query(text, values)
        ),
      });
      await shelf.apply(transaction, events.map(recordedShelf));
    });
    return applied.then(() => asked);
  };
  const unitsOf = async () =>
    Object.fromEntries(
      (await source.getRepository(Shelf).find()).map(({ sku, name, units }) => [sku, `${name} ${units}`]),
    );
  const each = <Event extends ShelfEvent>(count: number, event: (sku: string) => Event) =>
    Array.from({ length: count }, (_, index) => event(`s${index}`));

  it('reads and writes all its rows at once, however many there are', async () => {
    const stocked = await apply(
      ...(each(20, (sku) => ({ type: 'Stocked', sku, units: 10 })) as ShelfEvent[]),
    );
    const taken = await apply(
      ...[1, 2].flatMap((units) => each(20, (sku) => ({ type: 'Taken', sku, units }) as ShelfEvent)),
    );
    const renamed = await apply(
      ...each(20, (sku) => ({ type: 'Renamed', sku, name: `n-${sku}` }) as ShelfEvent),
    );

    expect(stocked).toEqual(['INSERT']);
    expect(taken).toEqual(['SELECT', 'UPDATE']);
    expect(renamed).toEqual(['UPDATE']);
    expect(await unitsOf()).toMatchObject({ s0: 'n-s0 7', s19: 'n-s19 7' });
    expect(await source.getRepository(Shelf).findOneBy({ sku: 's3' })).toEqual({
      sku: 's3',
      name: 'n-s3',
      units: 7,
      seenAt: new Date(0),
      tags: { a: [1, 'ä'] },
    });
  });

  it('sees its own changes of the batch, in their order', async () => {
    await apply(
      ...([
        { type: 'Stocked', sku: 'x', units: 5 },
        { type: 'Taken', sku: 'x', units: 2 },
        { type: 'Seen', sku: 'x' },
        { type: 'Taken', sku: 's0', units: 1 },
        { type: 'Seen', sku: 's0' },
        { type: 'Dropped', sku: 's1' },
        { type: 'Seen', sku: 's1' },
        { type: 'Stocked', sku: 's1', units: 99 },
        { type: 'Dropped', sku: 's2' },
        { type: 'Renamed', sku: 'x', name: 'last' },
      ] as ShelfEvent[]),
    );

    expect(sightings).toEqual([3, 6, null]);
    expect(await unitsOf()).toMatchObject({ x: 'last 3', s0: 'n-s0 6', s1: 'new 99' });
    expect(await unitsOf()).not.toHaveProperty('s2');
  });

  it('names the event that changes a row which is not there', async () => {
    await expect(apply({ type: 'Taken', sku: 'nothing', units: 1 })).rejects.toThrow(
      'shelf: Taken changes row nothing',
    );
    await expect(apply({ type: 'Renamed', sku: 'nothing', name: 'n' })).rejects.toThrow(
      'shelf: Renamed changes row nothing',
    );
    await expect(
      apply(
        ...([
          { type: 'Dropped', sku: 'x' },
          { type: 'Taken', sku: 'x', units: 1 },
        ] as ShelfEvent[]),
      ),
    ).rejects.toMatchObject({ code: 'projection_row_missing' });
  });
});
