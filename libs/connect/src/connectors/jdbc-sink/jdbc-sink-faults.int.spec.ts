import { createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RetriableConnectError } from '../../plugin/connect-error.ts';
import { jsonRecord } from '../sink-task.fixture.ts';
import { confluentJdbcSink } from './confluent-jdbc-sink.ts';
import { guides, openSinkDatabase, type SinkDatabase } from './sink-database.fixture.ts';

let sinks: SinkDatabase;
beforeAll(async () => {
  sinks = await openSinkDatabase();
});
afterAll(() => sinks.close());

describe('N63 a record that PostgreSQL refuses', () => {
  const records = [
    jsonRecord(0, 'a', { n: 1 }),
    jsonRecord(1, 'b', { n: 2 }),
    jsonRecord(2, 'b', { n: 'many' }),
    jsonRecord(3, null, { n: 4 }),
    jsonRecord(4, 'c', { n: 5 }),
    jsonRecord(5, 'd', 'text'),
  ];
  const before = async (table: string) => {
    const { task } = await sinks.start({ ...guides, 'table.name.format': table });
    await task.put([jsonRecord(0, 'z', { n: 0 })]);
  };

  it('fails the task with its place and the remedy, and keeps its whole batch from being written', async () => {
    await before('failed');
    const { task } = await sinks.start({ ...guides, 'table.name.format': 'failed' });
    await expect(task.put(records.slice(0, 3))).rejects.toThrow(
      /^the record at offset 2 of partition 0 of topic user-events cannot be written: invalid input syntax for type bigint: "many".* errors\.tolerance/,
    );
    expect(await sinks.rowsOf('failed')).toEqual([{ key: 'z', n: '0' }]);
  });

  it('goes to the dead letters with errors.tolerance=all, and all others are written', async () => {
    await before('tolerated');
    const { task, rejected } = await sinks.start(
      { ...guides, 'table.name.format': 'tolerated' },
      { tolerates: true },
    );
    await task.put(records);
    expect(await sinks.rowsOf('tolerated')).toEqual(
      ['a:1', 'b:2', 'c:5', 'z:0'].map((row) => ({ key: row[0], n: row[2] })),
    );
    expect(rejected.map((message) => /offset (\d)/.exec(message)?.[1]).sort()).toEqual(['2', '3', '5']);
  });
});

describe('N62 the PostgreSQL sink with exactly.once', () => {
  const config = {
    ...guides,
    'insert.mode': 'insert',
    'pk.mode': 'none',
    'exactly.once': 'true',
    'table.name.format': 'once',
  };
  const partitions = [{ topic: 'user-events', partition: 0 }];
  const records = [jsonRecord(10, 'a', { n: 1 }), jsonRecord(11, 'a', { n: 2 })];

  it('resumes at the offset in the database, and writes no record twice even if two tasks run at once', async () => {
    const first = await sinks.start(config);
    expect(await first.task.assigned?.(partitions)).toEqual([]);
    await first.task.put(records);

    const second = await sinks.start(config);
    expect(await second.task.assigned?.(partitions)).toEqual([
      { topic: 'user-events', partition: 0, offset: 12n },
    ]);
    const more = [jsonRecord(11, 'a', { n: 2 }), jsonRecord(12, 'a', { n: 3 })];
    await Promise.all([first.task.put(more), second.task.put(more.slice(1))]);
    expect(await sinks.rowsOf('once')).toEqual([{ n: '1' }, { n: '2' }, { n: '3' }]);
  });

  it('writes neither rows nor offsets of a batch that fails', async () => {
    const { task } = await sinks.start({ ...config, 'table.name.format': 'once' });
    await expect(task.put([jsonRecord(13, 'a', { n: 4 }), jsonRecord(14, 'a', { n: 'x' })])).rejects.toThrow(
      'offset 14',
    );
    expect(await task.assigned?.(partitions)).toEqual([{ topic: 'user-events', partition: 0, offset: 13n }]);
  });
});

describe('N68 the PostgreSQL sink', () => {
  it('reconnects after its session is killed, and loses nothing', async () => {
    const { task } = await sinks.start({ ...guides, 'table.name.format': 'killed' });
    await task.put([jsonRecord(0, 'a', { n: 1 })]);
    await sinks.database.pool.query(
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
    expect(await sinks.rowsOf('killed')).toHaveLength(2);
  });

  it('reports a database that is away or does not answer as an error that the worker retries', async () => {
    const away = await sinks.start({ ...guides, 'connection.url': 'jdbc:postgresql://127.0.0.1:1/x' });
    await expect(away.task.put([jsonRecord(0, 'a', {})])).rejects.toThrow(RetriableConnectError);

    const { task } = await sinks.start({
      ...guides,
      'table.name.format': 'locked',
      'request.timeout.ms': '300',
    });
    await task.put([jsonRecord(0, 'a', { n: 1 })]);
    const holder = await sinks.database.pool.connect();
    try {
      await holder.query('BEGIN; LOCK TABLE locked');
      await expect(task.put([jsonRecord(1, 'b', { n: 1 })])).rejects.toThrow(RetriableConnectError);
    } finally {
      await holder.query('ROLLBACK');
      holder.release();
    }
    await task.put([jsonRecord(1, 'b', { n: 1 })]);
    expect(await sinks.rowsOf('locked')).toHaveLength(2);
  });

  it('notices a database that accepts a connection and stays silent', async () => {
    const silent: Server = createServer().listen(0, '127.0.0.1');
    const sockets: Socket[] = [];
    silent.on('connection', (socket) => sockets.push(socket));
    await once(silent, 'listening');
    const { port } = silent.address() as { port: number };
    const { task } = await sinks.start({
      ...guides,
      'connection.url': `jdbc:postgresql://127.0.0.1:${port}/x`,
      'request.timeout.ms': '300',
    });
    await expect(task.put([jsonRecord(0, 'a', {})])).rejects.toThrow(RetriableConnectError);
    for (const socket of sockets) socket.destroy();
    silent.close();
  });

  it('names the setting of a wrong user or database before the connector is created', async () => {
    const { signal } = new AbortController();
    const config = { ...sinks.connection, ...guides, 'request.timeout.ms': '10000' };
    expect(await confluentJdbcSink.check?.(config, signal)).toEqual([]);
    expect(
      await confluentJdbcSink.check?.(
        { ...config, 'connection.url': `${sinks.connection['connection.url']}_none` },
        signal,
      ),
    ).toEqual([{ setting: 'connection.url', message: expect.stringContaining('Create the database') }]);
  });
});
