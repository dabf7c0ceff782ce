import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type Logger, silentLogger, systemClock } from '@millrace/streaming-core/runtime';
import type { SqlTransaction } from '@millrace/streaming-core/postgres';
import { withTransactionsElsewhere, type TestDatabase } from '@millrace/testing/postgres';
import { within } from '@millrace/testing/within';
import { createAsyncProjection, type RunningProjection } from './async-projection.ts';
import type { RecordedEvent } from './event-store.ts';
import { appendOptions, newStream, openEventDatabase } from './postgres/event-database.fixture.ts';
import { postgresEventStore } from './postgres/postgres-event-store.ts';
import type { AsyncProjection } from './projection.ts';

describe('an async projection', () => {
  const store = postgresEventStore();
  const running: RunningProjection[] = [];
  let database: TestDatabase;

  beforeAll(async () => {
    database = await openEventDatabase();
    await database.sql.query(
      'CREATE TABLE seen (projection text, stream text, version bigint, number serial)',
    );
  });
  afterEach(() => Promise.all(running.splice(0).map((projection) => projection.stop())));
  afterAll(() => database.drop());

  const append = (stream: string, type = 'Counted', count = 1) =>
    database.sql.transaction((transaction) => appendIn(transaction, stream, type, count));
  const appendIn = (transaction: SqlTransaction, stream: string, type = 'Counted', count = 1) =>
    store.append(
      transaction,
      [{ stream, expected: 'any', events: Array.from({ length: count }, () => ({ type })) }],
      appendOptions(),
    );
  const rolledBack = (stream: string, count: number) =>
    database.sql.transaction(async (transaction) => {
      await appendIn(transaction, stream, 'Counted', count);
      throw new Error('rolled back');
    });
  const newProjection = (overrides: Partial<AsyncProjection> = {}): AsyncProjection => {
    const name = newStream('projection');
    return {
      name,
      version: 1,
      eventTypes: ['Counted'],
      async apply(transaction: SqlTransaction, events: readonly RecordedEvent[]) {
        for (const { stream, version } of events)
          await transaction.query('INSERT INTO seen (projection, stream, version) VALUES ($1, $2, $3)', [
            name,
            stream,
            version,
          ]);
      },
      ...overrides,
    };
  };
  const start = (projection: AsyncProjection, logger: Logger = silentLogger) => {
    const started = createAsyncProjection({
      database: database.sql,
      projection,
      clock: systemClock,
      logger,
      retryDelayMsMax: 60,
      standbyMs: 10,
    });
    running.push(started);
    started.start();
    return started;
  };
  const versionsSeen = async ({ name }: AsyncProjection, stream: string) =>
    (
      await database.sql.query<{ version: string }>(
        'SELECT version FROM seen WHERE projection = $1 AND stream = $2 ORDER BY number',
        [name, stream],
      )
    ).rows.map((row) => Number(row.version));
  const caughtUp = async (projection: RunningProjection) => {
    const { rows } = await database.sql.query<{ last: string }>(
      'SELECT coalesce(max(position), 0) AS last FROM event',
    );
    await within(20_000)(async () => (await projection.position()) >= BigInt(rows[0]!.last));
  };

  it('receives the events of its types from before and after its start, in order', async () => {
    const stream = newStream();
    const projection = newProjection({ batchSizeMax: 7 });
    await append(stream, 'Counted', 20);
    await append(stream, 'Unheard', 3);
    const started = start(projection);
    await caughtUp(started);
    await append(stream, 'Counted', 2);
    await caughtUp(started);

    expect(await versionsSeen(projection, stream)).toEqual([...numbers(1, 20), 24, 25]);
  });

  it('resumes from its checkpoint after a stop and applies each event exactly once', async () => {
    const stream = newStream();
    const projection = newProjection();
    await append(stream);
    const first = start(projection);
    await caughtUp(first);
    await first.stop();
    await append(stream);
    expect(await versionsSeen(projection, stream)).toEqual([1]);

    await caughtUp(start(projection));
    expect(await versionsSeen(projection, stream)).toEqual([1, 2]);
  });

  it('changes neither the read model nor the checkpoint when a batch fails, retries it and reports it once', async () => {
    const stream = newStream();
    const recording = newProjection();
    let failures = 3;
    const reported: object[] = [];
    const failing: AsyncProjection = {
      ...recording,
      async apply(transaction, events) {
        await recording.apply(transaction, events);
        if (failures-- > 0) throw new Error('broken');
      },
    };
    await append(stream, 'Counted', 3);
    await caughtUp(start(failing, { ...silentLogger, warn: (fields) => void reported.push(fields) }));

    expect(await versionsSeen(failing, stream)).toEqual([1, 2, 3]);
    expect(reported).toEqual([expect.objectContaining({ reason: 'broken', failures: 1 })]);
  });

  it('waits at the position of an open transaction, names its backend, and misses nothing', async () => {
    const slow = newStream();
    const quick = newStream();
    const projection = newProjection();
    const started = start(projection);
    await caughtUp(started);
    await database.sql.transaction(async (transaction) => {
      await appendIn(transaction, slow);
      await append(quick);
      await until(async () => (await started.hole())?.blocker?.pid !== undefined);
      expect(await versionsSeen(projection, quick)).toEqual([]);
    });
    await caughtUp(started);

    expect(await versionsSeen(projection, slow)).toEqual([1]);
    expect(await versionsSeen(projection, quick)).toEqual([1]);
  });

  it('skips the positions of a transaction that rolled back', async () => {
    const stream = newStream();
    const projection = newProjection();
    const started = start(projection);
    await expect(rolledBack(stream, 5)).rejects.toThrow('rolled back');
    await append(stream);
    await caughtUp(started);

    expect(await versionsSeen(projection, stream)).toEqual([1]);
  });

  it('M17 skips the positions of a rollback while another database of the server has an open transaction', async () => {
    const stream = newStream();
    const projection = newProjection();
    await withTransactionsElsewhere(async () => {
      const started = start(projection);
      await expect(rolledBack(stream, 5)).rejects.toThrow('rolled back');
      await append(stream);
      await caughtUp(started);
    });

    expect(await versionsSeen(projection, stream)).toEqual([1]);
  });

  it('E05 applies each event once and in order with several processes and many writers, some of which roll back', async () => {
    const projection = newProjection({ batchSizeMax: 3 });
    const streams = Array.from({ length: 6 }, () => newStream());
    const processes = [start(projection), start(projection), start(projection)];
    await Promise.all(
      streams.map(async (stream) => {
        for (let write = 0; write < 25; write++) {
          await append(stream, 'Counted', 2);
          if (write % 4 === 0)
            await expect(rolledBack(stream, 1 + (write % 3))).rejects.toThrow('rolled back');
        }
      }),
    );
    await caughtUp(processes[0]!);

    for (const stream of streams) expect(await versionsSeen(projection, stream)).toEqual(numbers(1, 50));
  });

  it('starts from the beginning under a new version, alongside the old one', async () => {
    const stream = newStream();
    const projection = newProjection();
    await append(stream);
    await caughtUp(start(projection));
    await caughtUp(start({ ...projection, version: 2 }));

    expect(await versionsSeen(projection, stream)).toEqual([1, 1]);
  });
});

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

const until = within(20_000);
