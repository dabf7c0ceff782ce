import { createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import { ConnectError, RetriableConnectError } from '../../plugin/connect-error.ts';
import type { SinkConnector } from '../../plugin/connector.ts';
import type { ConnectConfig } from '../../plugin/setting.ts';
import type { SinkRecord } from '../../record/records.ts';
import {
  jsonRecord,
  optional,
  sinkRecord,
  startSink,
  struct,
  type StartedSink,
} from '../sink-task.fixture.ts';
import { confluentJdbcSink } from './confluent-jdbc-sink.ts';
import { debeziumJdbcSink } from './debezium-jdbc-sink.ts';

let database: TestDatabase;
let connection: ConnectConfig;
const started: StartedSink[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
  const { host, username, password } = new URL(database.url);
  connection = {
    'connection.url': `jdbc:postgresql://${host}/${database.name}`,
    'connection.user': username,
    'connection.username': username,
    'connection.password': password,
  };
});
afterEach(async () => {
  for (const { task } of started.splice(0)) await task.stop();
});
afterAll(() => database.drop());

/** The settings of the guides' sink, G41. */
const guides = { 'auto.create': 'true', 'insert.mode': 'upsert', 'pk.mode': 'record_key' };

async function start(
  config: ConnectConfig,
  more: { connector?: SinkConnector; tolerates?: boolean } = {},
): Promise<StartedSink> {
  const sink = await startSink({
    connector: confluentJdbcSink,
    ...more,
    config: { ...connection, ...config },
  });
  started.push(sink);
  return sink;
}

const rowsOf = async (table: string, order = '1'): Promise<readonly unknown[]> =>
  (await database.pool.query(`SELECT * FROM ${table} ORDER BY ${order}`)).rows;

const typesOf = async (table: string): Promise<Readonly<Record<string, string>>> => {
  const { rows } = await database.pool.query<{ column_name: string; data_type: string }>(
    'SELECT column_name, data_type FROM information_schema.columns WHERE table_name = $1 ORDER BY ordinal_position',
    [table],
  );
  return Object.fromEntries(rows.map(({ column_name, data_type }) => [column_name, data_type]));
};

describe("G41 the guides' PostgreSQL sink", () => {
  const events = [
    jsonRecord(0, 'u1', { action: 'login', timestamp: 1705315200000, score: 1, tags: ['a'], paid: true }),
    jsonRecord(1, 'u2', { action: 'login', timestamp: 1705315200001, score: 2.5, tags: [], paid: false }),
    jsonRecord(2, 'u1', { action: 'click', timestamp: 1705315200002, score: null }),
  ];
  const wanted = [
    { key: 'u1', action: 'click', timestamp: '1705315200002', score: null, tags: null, paid: null },
    { key: 'u2', action: 'login', timestamp: '1705315200001', score: 2.5, tags: [], paid: false },
  ];

  it('creates the table with types from the first records, and keeps the newest value of each key', async () => {
    const { task } = await start(guides);
    await task.put(events);

    expect(await rowsOf('"user-events"')).toEqual(wanted);
    expect(await typesOf('user-events')).toEqual({
      key: 'text',
      action: 'text',
      timestamp: 'bigint',
      score: 'double precision',
      tags: 'jsonb',
      paid: 'boolean',
    });
  });

  it('has the same rows when the records come again, one by one and by another task', async () => {
    const { task } = await start(guides);
    for (const event of events) await task.put([event]);
    await task.put(events.slice(1));
    expect(await rowsOf('"user-events"')).toEqual(wanted);
  });

  it('adds columns for new fields with auto.evolve, and names the remedy without it', async () => {
    const newer = [jsonRecord(3, 'u3', { action: 'buy', page: '/cart' })];
    const { task } = await start(guides);
    await expect(task.put(newer)).rejects.toThrow(
      new ConnectError(
        'the table "user-events" has no column "page": add it, set auto.evolve=true, or name the fields to write in fields.whitelist',
      ),
    );
    const evolving = await start({ ...guides, 'auto.evolve': 'true' });
    await evolving.task.put(newer);
    expect(await rowsOf('"user-events"')).toHaveLength(3);
    expect((await typesOf('user-events')).page).toBe('text');
  });
});

describe('the PostgreSQL sink', () => {
  const put = async (table: string, config: ConnectConfig, records: readonly SinkRecord[]) => {
    const { task } = await start({ ...guides, 'table.name.format': table, ...config });
    await task.put(records);
    return rowsOf(table);
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
    const { rows } = await database.pool.query(
      'SELECT amount::text, day::text, at::text, clock::text, micros::text, zoned = $1 AS zoned, span::text, bits::text FROM typed',
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

  it('deletes the row of a null value, and keeps one that comes again after it in the same batch', async () => {
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

  it('makes the primary key of fields, of the value, or of topic, partition and offset', async () => {
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

  it('fits the columns of a table that was there, and leaves alone those that fill themselves', async () => {
    await database.pool.query(
      `CREATE TABLE there (key varchar(5) PRIMARY KEY, seen timestamptz, price numeric(8, 2), note json, made int DEFAULT 7)`,
    );
    await put('there', {}, [
      jsonRecord(0, 'a', { seen: '2024-01-15T10:00:00Z', price: 1.5, note: 'x' }),
      jsonRecord(1, 'b', { made: 9 }),
    ]);
    expect(
      (
        await database.pool.query('SELECT key, seen = $1 AS seen, price, note, made FROM there ORDER BY 1', [
          '2024-01-15T10:00:00Z',
        ])
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
    const { task } = await start(
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
    expect(await rowsOf('shop_public_accounts')).toEqual([{ id: 1, email: 'john@new.com' }]);
  });
});

describe('a record that PostgreSQL refuses', () => {
  const records = [
    jsonRecord(0, 'a', { n: 1 }),
    jsonRecord(1, 'b', { n: 2 }),
    jsonRecord(2, 'b', { n: 'many' }),
    jsonRecord(3, null, { n: 4 }),
    jsonRecord(4, 'c', { n: 5 }),
    jsonRecord(5, 'd', 'text'),
  ];
  const before = async (table: string) => {
    const { task } = await start({ ...guides, 'table.name.format': table });
    await task.put([jsonRecord(0, 'z', { n: 0 })]);
  };

  it('fails the task with its place and the remedy, and nothing of its batch is written', async () => {
    await before('failed');
    const { task } = await start({ ...guides, 'table.name.format': 'failed' });
    await expect(task.put(records.slice(0, 3))).rejects.toThrow(
      /^the record at offset 2 of partition 0 of topic user-events cannot be written: invalid input syntax for type bigint: "many".* errors\.tolerance/,
    );
    expect(await rowsOf('failed')).toEqual([{ key: 'z', n: '0' }]);
  });

  it('goes to the dead letters with errors.tolerance=all, and all others are written', async () => {
    await before('tolerated');
    const { task, rejected } = await start(
      { ...guides, 'table.name.format': 'tolerated' },
      { tolerates: true },
    );
    await task.put(records);
    expect(await rowsOf('tolerated')).toEqual(
      ['a:1', 'b:2', 'c:5', 'z:0'].map((row) => ({ key: row[0], n: row[2] })),
    );
    expect(rejected.map((message) => /offset (\d)/.exec(message)?.[1]).sort()).toEqual(['2', '3', '5']);
  });
});

describe('with exactly.once', () => {
  const config = {
    ...guides,
    'insert.mode': 'insert',
    'pk.mode': 'none',
    'exactly.once': 'true',
    'table.name.format': 'once',
  };
  const partitions = [{ topic: 'user-events', partition: 0 }];
  const records = [jsonRecord(10, 'a', { n: 1 }), jsonRecord(11, 'a', { n: 2 })];

  it('goes on where the database stands, and writes no record twice, even by two tasks at once', async () => {
    const first = await start(config);
    expect(await first.task.assigned?.(partitions)).toEqual([]);
    await first.task.put(records);

    const second = await start(config);
    expect(await second.task.assigned?.(partitions)).toEqual([
      { topic: 'user-events', partition: 0, offset: 12n },
    ]);
    const more = [jsonRecord(11, 'a', { n: 2 }), jsonRecord(12, 'a', { n: 3 })];
    await Promise.all([first.task.put(more), second.task.put(more)]);
    expect(await rowsOf('once')).toEqual([{ n: '1' }, { n: '2' }, { n: '3' }]);
  });

  it('writes neither rows nor offsets of a batch that fails', async () => {
    const { task } = await start({ ...config, 'table.name.format': 'once' });
    await expect(task.put([jsonRecord(13, 'a', { n: 4 }), jsonRecord(14, 'a', { n: 'x' })])).rejects.toThrow(
      'offset 14',
    );
    expect(await task.assigned?.(partitions)).toEqual([{ topic: 'user-events', partition: 0, offset: 13n }]);
  });
});

describe('a database', () => {
  it('whose session is killed is connected to again, and nothing is lost', async () => {
    const { task } = await start({ ...guides, 'table.name.format': 'killed' });
    await task.put([jsonRecord(0, 'a', { n: 1 })]);
    await database.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'millrace-connect'`,
    );
    const putUntilWritten = async (): Promise<void> => {
      try {
        await task.put([jsonRecord(1, 'b', { n: 2 })]);
      } catch (error) {
        expect(error).toBeInstanceOf(RetriableConnectError);
        await putUntilWritten();
      }
    };
    await putUntilWritten();
    expect(await rowsOf('killed')).toHaveLength(2);
  });

  it('that is away, or does not answer, is an error after which the worker tries again', async () => {
    const away = await start({ ...guides, 'connection.url': 'jdbc:postgresql://127.0.0.1:1/x' });
    await expect(away.task.put([jsonRecord(0, 'a', {})])).rejects.toThrow(RetriableConnectError);

    const { task } = await start({ ...guides, 'table.name.format': 'locked', 'request.timeout.ms': '300' });
    await task.put([jsonRecord(0, 'a', { n: 1 })]);
    const holder = await database.pool.connect();
    try {
      await holder.query('BEGIN; LOCK TABLE locked');
      await expect(task.put([jsonRecord(1, 'b', { n: 1 })])).rejects.toThrow(RetriableConnectError);
    } finally {
      await holder.query('ROLLBACK');
      holder.release();
    }
    await task.put([jsonRecord(1, 'b', { n: 1 })]);
    expect(await rowsOf('locked')).toHaveLength(2);
  });

  it('that accepts a connection and stays silent is noticed', async () => {
    const silent: Server = createServer().listen(0, '127.0.0.1');
    const sockets: Socket[] = [];
    silent.on('connection', (socket) => sockets.push(socket));
    await once(silent, 'listening');
    const { port } = silent.address() as { port: number };
    const { task } = await start({
      ...guides,
      'connection.url': `jdbc:postgresql://127.0.0.1:${port}/x`,
      'request.timeout.ms': '300',
    });
    await expect(task.put([jsonRecord(0, 'a', {})])).rejects.toThrow(RetriableConnectError);
    for (const socket of sockets) socket.destroy();
    silent.close();
  });

  it('that refuses the user, or does not exist, is named by its setting before the connector is created', async () => {
    const { signal } = new AbortController();
    const config = { ...connection, ...guides, 'request.timeout.ms': '10000' };
    expect(await confluentJdbcSink.check?.(config, signal)).toEqual([]);
    expect(
      await confluentJdbcSink.check?.(
        { ...config, 'connection.url': `${connection['connection.url']}_none` },
        signal,
      ),
    ).toEqual([{ setting: 'connection.url', message: expect.stringContaining('Create the database') }]);
  });
});
