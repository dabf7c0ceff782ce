import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConnectError } from '../../plugin/connect-error.ts';
import type { ConnectConfig } from '../../plugin/setting.ts';
import type { SinkRecord } from '../../record/records.ts';
import { jsonRecord, optional, sinkRecord, struct } from '../sink-task.fixture.ts';
import { debeziumJdbcSink } from './debezium-jdbc-sink.ts';
import { guides, openSinkDatabase, type SinkDatabase } from './sink-database.fixture.ts';

let sinks: SinkDatabase;
beforeAll(async () => {
  sinks = await openSinkDatabase();
});
afterAll(() => sinks.close());

const typesOf = async (table: string): Promise<Readonly<Record<string, string>>> => {
  const { rows } = await sinks.database.pool.query<{ column_name: string; data_type: string }>(
    'SELECT column_name, data_type FROM information_schema.columns WHERE table_name = $1 ORDER BY ordinal_position',
    [table],
  );
  return Object.fromEntries(rows.map(({ column_name, data_type }) => [column_name, data_type]));
};

describe("N60 G41 the guides' PostgreSQL sink", () => {
  const events = [
    jsonRecord(0, 'u1', {
      action: 'login',
      timestamp: 1705315200000,
      score: 1,
      tags: ['a', 7n, { n: 9_007_199_254_740_993n }],
      paid: true,
    }),
    jsonRecord(1, 'u2', { action: 'login', timestamp: 1705315200001, score: 2.5, tags: [], paid: false }),
    jsonRecord(2, 'u1', { action: 'click', timestamp: 1705315200002, score: null }),
  ];
  const wanted = [
    { key: 'u1', action: 'click', timestamp: '1705315200002', score: null, tags: null, paid: null },
    { key: 'u2', action: 'login', timestamp: '1705315200001', score: 2.5, tags: [], paid: false },
  ];

  it('creates the table with the types of the first records, and keeps the newest value of each key', async () => {
    const { task } = await sinks.start(guides);
    await task.put(events);

    expect(await sinks.rowsOf('"user-events"')).toEqual(wanted);
    expect(await typesOf('user-events')).toEqual({
      key: 'text',
      action: 'text',
      timestamp: 'bigint',
      score: 'double precision',
      tags: 'jsonb',
      paid: 'boolean',
    });
  });

  it('keeps the same rows when another task writes the records again, one by one', async () => {
    const { task } = await sinks.start(guides);
    for (const event of events) await task.put([event]);
    await task.put(events.slice(1));
    expect(await sinks.rowsOf('"user-events"')).toEqual(wanted);
  });

  it('adds columns for new fields with auto.evolve, and names the remedy without it', async () => {
    const newer = [jsonRecord(3, 'u3', { action: 'buy', page: '/cart' })];
    const { task } = await sinks.start(guides);
    await expect(task.put(newer)).rejects.toThrow(
      new ConnectError(
        'the table "user-events" has no column "page": add it, set auto.evolve=true, or name the ' +
          'fields to write in fields.whitelist',
      ),
    );
    const evolving = await sinks.start({ ...guides, 'auto.evolve': 'true' });
    await evolving.task.put(newer);
    expect(await sinks.rowsOf('"user-events"')).toHaveLength(3);
    expect((await typesOf('user-events')).page).toBe('text');
  });
});

describe('N61 the PostgreSQL sink', () => {
  const put = async (table: string, config: ConnectConfig, records: readonly SinkRecord[]) => {
    const { task } = await sinks.start({ ...guides, 'table.name.format': table, ...config });
    await task.put(records);
    return sinks.rowsOf(table);
  };

  it('writes every type of Connect and Debezium as PostgreSQL knows it', async () => {
    const id = struct({ id: optional('int32') });
    const value = struct({
      id: optional('int32'),
      small: optional('int16'),
      big: optional('int64'),
      half: optional('float32'),
      amount: optional('bytes', 'org.apache.kafka.connect.data.Decimal', { scale: '2' }),
      day: optional('int32', 'org.apache.kafka.connect.data.Date'),
      at: optional('int64', 'org.apache.kafka.connect.data.Timestamp'),
      clock: optional('int32', 'org.apache.kafka.connect.data.Time'),
      micros: optional('int64', 'io.debezium.time.MicroTimestamp'),
      zoned: optional('string', 'io.debezium.time.ZonedTimestamp'),
      span: optional('int64', 'io.debezium.time.MicroDuration'),
      doc: optional('string', 'io.debezium.data.Json'),
      uuid: optional('string', 'io.debezium.data.Uuid'),
      bits: optional('bytes', 'io.debezium.data.Bits', { length: '10' }),
      raw: optional('bytes'),
      list: { type: 'array', optional: true, items: optional('string') },
      nested: struct({ city: optional('string'), zip: optional('int64') }),
      labels: { type: 'map', optional: true, keys: optional('string'), values: optional('int64') },
      empty: optional('string'),
    });
    const [row] = await put('typed', {}, [
      sinkRecord({
        offset: 0,
        key: { schema: id, value: { id: 7 } },
        value: {
          schema: value,
          value: {
            id: 7,
            small: -3,
            big: 9_007_199_254_740_993n,
            half: 1.5,
            amount: Buffer.from('fb2e', 'hex'),
            day: 19_737,
            at: -1n,
            clock: 86_399_999,
            micros: 1_705_315_200_123_456n,
            zoned: '2024-01-15T10:00:00.5+02:00',
            span: 90_000_000n,
            doc: '{"a":[1]}',
            uuid: '6f1b2c3d-0000-4000-8000-000000000001',
            bits: Buffer.from([0b0000_0101, 0b10]),
            raw: Buffer.from([0, 255]),
            list: ['a "b"', null, 'c\\d,{}'],
            nested: { city: 'Köln', zip: 50667n },
            labels: new Map([['a', 1n]]),
            empty: null,
          },
        },
      }),
    ]);
    const { rows } = await sinks.database.pool.query(
      `SELECT amount::text, day::text, at::text, clock::text, micros::text, zoned = $1 AS zoned,
        span::text, bits::text FROM typed`,
      ['2024-01-15T08:00:00.5Z'],
    );

    expect(rows).toEqual([
      {
        amount: '-12.34',
        day: '2024-01-15',
        at: '1969-12-31 23:59:59.999',
        clock: '23:59:59.999',
        micros: '2024-01-15 10:40:00.123456',
        zoned: true,
        span: '00:01:30',
        bits: '1000000101',
      },
    ]);
    expect(row).toMatchObject({
      id: 7,
      small: -3,
      big: '9007199254740993',
      half: 1.5,
      doc: { a: [1] },
      uuid: '6f1b2c3d-0000-4000-8000-000000000001',
      raw: Buffer.from([0, 255]),
      list: ['a "b"', null, 'c\\d,{}'],
      nested: { city: 'Köln', zip: 50667 },
      labels: { a: 1 },
      empty: null,
    });
  });

  it('deletes the row of a null value, and keeps one that the same batch writes again later', async () => {
    const records = [
      jsonRecord(0, 'a', { n: 1, kept: 'old' }),
      jsonRecord(1, 'b', { n: 2 }),
      jsonRecord(2, 'a', null),
      jsonRecord(3, 'b', null),
      jsonRecord(4, 'b', { n: 3 }),
    ];
    expect(await put('deleted', { 'delete.enabled': 'true' }, records)).toEqual([
      { key: 'b', n: '3', kept: null },
    ]);
    expect(await put('undeleted', {}, records)).toHaveLength(2);
  });

  it('takes the primary key from fields of the key or value, or from topic, partition and offset', async () => {
    const value = { id: 1, line: 2, n: 3 };
    expect(
      await put('of_value', { 'pk.mode': 'record_value', 'pk.fields': 'id,line' }, [
        jsonRecord(0, null, value),
      ]),
    ).toEqual([{ id: '1', line: '2', n: '3' }]);
    expect(await put('of_key', { 'pk.fields': 'user' }, [jsonRecord(0, 'u1', value)])).toEqual([
      { user: 'u1', id: '1', line: '2', n: '3' },
    ]);
    expect(await put('of_place', { 'pk.mode': 'kafka' }, [jsonRecord(5, 'u1', { n: 1 })])).toEqual([
      { __connect_topic: 'user-events', __connect_partition: 0, __connect_offset: '5', n: '1' },
    ]);
  });

  it('adapts to the columns of an existing table, and leaves defaults and generated columns alone', async () => {
    await sinks.database.pool.query(
      `CREATE TABLE there (key varchar(5) PRIMARY KEY, seen timestamptz, price numeric(8, 2),
        note json, made int DEFAULT 7)`,
    );
    await put('there', {}, [
      jsonRecord(0, 'a', { seen: '2024-01-15T10:00:00Z', price: 1.5, note: 'x' }),
      jsonRecord(1, 'b', { made: 9 }),
    ]);
    expect(
      (
        await sinks.database.pool.query(
          'SELECT key, seen = $1 AS seen, price, note, made FROM there ORDER BY 1',
          ['2024-01-15T10:00:00Z'],
        )
      ).rows,
    ).toEqual([
      { key: 'a', seen: true, price: '1.50', note: 'x', made: 7 },
      { key: 'b', seen: null, price: null, note: null, made: 9 },
    ]);
  });

  it('only changes rows that exist with insert.mode=update', async () => {
    await put('updated', {}, [jsonRecord(0, 'a', { n: 1 })]);
    expect(
      await put('updated', { 'insert.mode': 'update' }, [
        jsonRecord(1, 'a', { n: 2 }),
        jsonRecord(2, 'b', { n: 3 }),
      ]),
    ).toEqual([{ key: 'a', n: '2' }]);
  });

  it("reads Debezium's envelopes in Debezium's sink", async () => {
    const id = struct({ id: optional('int32') });
    const row = struct({ id: optional('int32'), email: optional('string') }, 'shop.accounts.Value');
    const envelope = struct({ before: row, after: row, op: optional('string') }, 'shop.accounts.Envelope');
    const change = (offset: number, key: number, op: string, after: unknown) =>
      sinkRecord({
        topic: 'shop.public.accounts',
        offset,
        key: { schema: id, value: { id: key } },
        value: { schema: envelope, value: { before: null, after, op } },
      });
    const { task } = await sinks.start(
      {
        'insert.mode': 'upsert',
        'primary.key.mode': 'record_key',
        'schema.evolution': 'basic',
        'delete.enabled': 'true',
      },
      { connector: debeziumJdbcSink },
    );
    await task.put([
      change(0, 1, 'r', { id: 1, email: 'john@old.com' }),
      change(1, 2, 'c', { id: 2, email: 'eve@x' }),
      change(2, 1, 'u', { id: 1, email: 'john@new.com' }),
      change(3, 2, 'd', null),
      sinkRecord({ topic: 'shop.public.accounts', offset: 4, key: { schema: id, value: { id: 2 } } }),
    ]);
    expect(await sinks.rowsOf('shop_public_accounts')).toEqual([{ id: 1, email: 'john@new.com' }]);
  });
});
