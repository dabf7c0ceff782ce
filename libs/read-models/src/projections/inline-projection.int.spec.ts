import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RecordedEvent } from '@millrace/event-sourcing';
import { type CollectedWrite, SqlTransaction } from '@millrace/streaming-core/postgres';
import { createTestDatabase, transactionsSentDuring, type TestDatabase } from '@millrace/testing/postgres';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { instant, integer } from '../tables/columns.ts';
import { rowsByKey } from '../tables/row-table.ts';
import { inlineProjection } from './inline-projection.ts';

type ShelfEvent =
  | { type: 'Stocked'; sku: string; units: number }
  | { type: 'Defined'; sku: string; name: string }
  | { type: 'Taken'; sku: string; units: number }
  | { type: 'Renamed'; sku: string; name: string }
  | { type: 'Noted'; sku: string; note?: string | null }
  | { type: 'Dropped'; sku: string }
  | { type: 'Seen'; sku: string }
  | { type: 'Ignored' };

@Entity('shelf')
class Shelf {
  @PrimaryColumn('text')
  sku!: string;

  @Column('text')
  name!: string;

  @Column({ ...integer, default: 0 })
  units!: number;

  @Column({ ...integer, nullable: true })
  price!: number | null;

  @Column({ ...instant, nullable: true, name: 'seen' })
  seenAt!: string | null;

  @Column('jsonb')
  tags!: { all: readonly string[] };

  @Column('text', { nullable: true })
  note!: string | null;
}

const table = `
  CREATE TABLE shelf (
    sku text PRIMARY KEY,
    name text NOT NULL,
    units bigint NOT NULL,
    price bigint,
    seen timestamptz,
    tags jsonb NOT NULL,
    note text
  )`;

const price = 2 ** 40;
const tags = { all: ['a', 'ä'] };
const empty = { price: null, seenAt: null, note: null };
const seen: unknown[] = [];

const projection = inlineProjection(Shelf).of<ShelfEvent>({
  Stocked: ({ units }, { at }) => ({ name: 'new', units, price, tags, seenAt: at, note: 'full' }),
  Defined: ({ name }) => ({ name, price: null, tags }),
  Taken:
    ({ units }) =>
    (row) => ({ units: row.units - units }),
  Renamed: ({ name }) => ({ name }),
  Noted: ({ note }) => ({ note }),
  Dropped: () => null,
  Seen: () => (row) => {
    seen.push(row);
    return {};
  },
});

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  await database.sql.query(table);
});
afterAll(() => database.drop());

const recordedAt = new Date('2026-01-02T03:04:05.678Z');

/** Applies events in a transaction and returns the kinds of statements that this took. */
function apply(...events: readonly ShelfEvent[]): Promise<readonly string[]> {
  const asked: string[] = [];
  const recorded = events.map(recordedOf);
  return database.sql.transaction(async (transaction) => {
    const sent = await projection.apply(
      transaction.withQuery((text, values) => {
        asked.push(text.startsWith('WITH') ? 'UPDATE' : text.slice(0, 6));
        return transaction.query(text, values);
      }),
      recorded,
    );
    await sent?.answers;
    return asked;
  });
}

const recordedOf = (event: ShelfEvent) => ({ event, recordedAt, version: 1n }) as unknown as RecordedEvent;

const rowOf = async (sku: string) =>
  (await database.sql.query('SELECT * FROM shelf WHERE sku = $1', [sku])).rows[0];
const shelves = rowsByKey(Shelf);
const viewOf = async (sku: string) => (await shelves(database.sql, [sku]))[0];
const each = (count: number, event: (sku: string) => ShelfEvent) =>
  Array.from({ length: count }, (_, index) => event(`s${index}`));

describe('an inline projection', () => {
  it('lists the events that it has functions for', () => {
    expect(projection.eventTypes).toContain('Stocked');
    expect(projection.eventTypes).not.toContain('Ignored');
  });

  it('keeps typed rows', async () => {
    await apply({ type: 'Stocked', sku: 'typed', units: 3 }, { type: 'Ignored' });
    expect(await rowOf('typed')).toEqual({
      sku: 'typed',
      name: 'new',
      units: '3',
      price: String(price),
      seen: recordedAt,
      tags,
      note: 'full',
    });
    expect(await viewOf('typed')).toEqual({
      sku: 'typed',
      name: 'new',
      units: 3,
      price,
      seenAt: recordedAt.toISOString(),
      tags,
      note: 'full',
    });
  });

  it('creates a row with initial values from all required fields, and overwrites only the given ones', async () => {
    await apply({ type: 'Defined', sku: 'made', name: 'first' });
    expect(await viewOf('made')).toEqual({ sku: 'made', name: 'first', units: 0, tags, ...empty });
    await apply({ type: 'Stocked', sku: 'made', units: 4 });
    await apply({ type: 'Defined', sku: 'made', name: 'second' });
    expect(await viewOf('made')).toMatchObject({ name: 'second', units: 4, note: 'full', price: null });
  });

  it('keeps a property that is undefined and empties one that is null', async () => {
    await apply({ type: 'Stocked', sku: 'noted', units: 1 });
    await apply({ type: 'Noted', sku: 'noted' });
    expect(await viewOf('noted')).toMatchObject({ note: 'full' });
    await apply({ type: 'Noted', sku: 'noted', note: null }, { type: 'Seen', sku: 'noted' });
    expect(seen.pop()).toMatchObject({ note: null });
    expect(await viewOf('noted')).toMatchObject({ note: null });
  });

  it('E04 refuses to change a row that does not exist, names the event, and writes nothing', async () => {
    const afterAnother = apply(
      { type: 'Stocked', sku: 'undone', units: 1 },
      { type: 'Renamed', sku: 'nobody', name: 'n' },
    );
    await expect(afterAnother).rejects.toThrow(
      'shelf: Renamed changes row nobody, which does not exist; a new row needs tags as well',
    );
    expect(await viewOf('undone')).toBeUndefined();

    const ofTheRow = apply({ type: 'Taken', sku: 'nobody', units: 1 });
    await expect(ofTheRow).rejects.toThrow('shelf: Taken changes row nobody');

    const ofARemovedRow = apply(
      { type: 'Stocked', sku: 'gone', units: 1 },
      { type: 'Dropped', sku: 'gone' },
      { type: 'Taken', sku: 'gone', units: 1 },
    );
    await expect(ofARemovedRow).rejects.toMatchObject({ code: 'projection_row_missing' });
  });

  it('recognises the error of a missing row in a database that speaks another language', async () => {
    const error = Object.assign(new Error('ungültige Eingabesyntax für Typ integer: »no row [gone]«'), {
      code: '22P02',
    });
    const renamed = recordedOf({ type: 'Renamed', sku: 'gone', name: 'new' });
    const sent = await projection.apply(
      SqlTransaction.on({ query: () => Promise.reject(error), end: () => Promise.reject(error) }),
      [renamed],
    );

    await expect(sent?.answers).rejects.toMatchObject({
      code: 'projection_row_missing',
      message: expect.stringContaining('Renamed changes row gone, which does not exist'),
    });
  });

  it('commits nothing if the row does not exist, although COMMIT is sent together with the change', async () => {
    const write: CollectedWrite<RecordedEvent> = { rank: 1, write: projection.apply };
    const events = [
      { type: 'Stocked', sku: 'half', units: 1 },
      { type: 'Renamed', sku: 'nobody', name: 'n' },
    ] as const;
    const sent = await transactionsSentDuring(async () => {
      const committed = database.sql.transaction((transaction) =>
        transaction.lastUnitOfWork(() => transaction.collect(write, events.map(recordedOf))),
      );
      await expect(committed).rejects.toMatchObject({ code: 'projection_row_missing' });
    });
    expect(sent.map(({ statements }) => statements.at(-1))).toEqual(['COMMIT']);
    expect(await viewOf('half')).toBeUndefined();
  });

  it('rejects an event without the key, and an unknown property', async () => {
    await expect(apply({ type: 'Dropped' } as ShelfEvent)).rejects.toThrow('shelf: Dropped has no sku');
    const wrong = inlineProjection(Shelf).of<ShelfEvent>({
      Renamed: ({ name }) => ({ name, colour: 'red' }) as object,
    });
    const event = { type: 'Renamed', sku: 'x', name: 'n' };
    const applied = database.sql.transaction((transaction) =>
      wrong.apply(transaction, [{ event, recordedAt, version: 1n } as unknown as RecordedEvent]),
    );
    await expect(applied).rejects.toThrow('shelf has no property colour');
  });
});

describe('an inline projection over a batch of events', () => {
  it('reads all its rows in one statement and writes them in another, however many there are', async () => {
    const stocked = await apply(...each(20, (sku) => ({ type: 'Stocked', sku, units: 10 })));
    const taken = await apply(
      ...[1, 2].flatMap((units) => each(20, (sku) => ({ type: 'Taken', sku, units }))),
    );
    const renamed = await apply(...each(20, (sku) => ({ type: 'Renamed', sku, name: `n-${sku}` })));

    expect(stocked).toEqual(['INSERT']);
    expect(taken).toEqual(['SELECT', 'UPDATE']);
    expect(renamed).toEqual(['UPDATE']);
    expect(await viewOf('s0')).toMatchObject({ name: 'n-s0', units: 7 });
    expect(await viewOf('s19')).toMatchObject({ name: 'n-s19', units: 7 });
  });

  it('does not read a row that the batch itself has created', async () => {
    const asked = await apply(
      { type: 'Stocked', sku: 'told', units: 5 },
      { type: 'Taken', sku: 'told', units: 2 },
    );
    expect(asked).toEqual(['INSERT']);
    expect(await viewOf('told')).toMatchObject({ units: 3 });
  });

  it('sees the earlier changes of the same batch, in order', async () => {
    await apply({ type: 'Stocked', sku: 'b', units: 10 }, { type: 'Stocked', sku: 'c', units: 10 });
    await apply(
      { type: 'Defined', sku: 'a', name: 'defined' },
      { type: 'Seen', sku: 'a' },
      { type: 'Taken', sku: 'b', units: 1 },
      { type: 'Renamed', sku: 'b', name: 'last' },
      { type: 'Seen', sku: 'b' },
      { type: 'Dropped', sku: 'c' },
      { type: 'Defined', sku: 'c', name: 'again' },
      { type: 'Seen', sku: 'c' },
    );

    expect(seen.splice(0)).toMatchObject([
      { sku: 'a', name: 'defined', units: 0 },
      { sku: 'b', name: 'last', units: 9 },
      { sku: 'c', name: 'again', units: 0 },
    ]);
    expect(await viewOf('c')).toEqual({ sku: 'c', name: 'again', units: 0, tags, ...empty });
  });

  it('removes rows', async () => {
    await apply({ type: 'Stocked', sku: 'removed', units: 1 });
    await apply({ type: 'Renamed', sku: 'removed', name: 'n' }, { type: 'Dropped', sku: 'removed' });
    expect(await viewOf('removed')).toBeUndefined();
  });
});
