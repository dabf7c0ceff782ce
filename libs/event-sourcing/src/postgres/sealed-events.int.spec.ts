import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { silentLogger, systemClock } from '@millrace/streaming-core/runtime';
import { fakePersonalData } from '@millrace/testing/personal-data';
import type { TestDatabase } from '@millrace/testing/postgres';
import { within } from '@millrace/testing/within';
import { createAsyncProjection } from '../async-projection.ts';
import { undeclaredEvents } from '../event-versions.ts';
import type { RecordedEvent } from '../event-store.ts';
import type { RebuildableProjection } from '../projection.ts';
import { createRebuilds } from '../rebuilds.ts';
import { appendOptions, newStream, openEventDatabase } from './event-database.fixture.ts';
import { lockStreams } from './lock-streams.ts';
import { postgresEventStore } from './postgres-event-store.ts';
import { intoShadows, swapIn } from './shadow-tables.ts';

const ada = { subject: 'customer-1', name: 'Ada Lovelace' };
const named = (personal: Readonly<Record<string, unknown>> = ada) => ({
  type: 'Named',
  personal: { ...personal },
});
const rested = { type: 'Rested' };

describe('the personal part of an event', () => {
  const data = fakePersonalData();
  const holder = { name: 'order', personalData: data };
  const store = postgresEventStore({ holder });
  let database: TestDatabase;

  beforeAll(async () => void (database = await openEventDatabase()));
  beforeEach(() => void data.calls.splice(0));
  afterAll(() => database.drop());

  const append = async (events: readonly { type: string }[], stream = newStream(), into = store) => {
    await database.sql.transaction((transaction) =>
      into.append(transaction, [{ stream, expected: 'any', events }], appendOptions()),
    );
    return stream;
  };
  const read = (stream: string, from = store) => from.read(database.sql, stream);
  const partsIn = (events: readonly RecordedEvent[]) => events.map(({ event }) => event.personal);
  const stored = async (stream: string) =>
    (
      await database.sql.query('SELECT data, personal FROM event WHERE stream = $1 ORDER BY version', [
        stream,
      ])
    ).rows;

  it('is stored sealed, under the pseudonym of its subject only, and read as it was', async () => {
    const stream = await append([named()]);

    const [row] = await stored(stream);
    expect(row).toEqual({
      data: {},
      personal: { sealed: 1, subject: 'customer-1', data: expect.any(String) },
    });
    expect(JSON.stringify(row)).not.toContain('Ada');
    expect(await read(stream)).toMatchObject([{ event: named() }]);
  });

  it('is left out for a reader that drops it, and no key is asked for', async () => {
    const metadata = { correlationId: randomUUID(), causationId: randomUUID() };
    const stream = newStream();
    await database.sql.transaction((transaction) =>
      store.append(transaction, [{ stream, expected: 'none', events: [named(), rested] }], {
        ...appendOptions(),
        metadata,
      }),
    );
    data.calls.splice(0);

    const read = await store.read(database.sql, stream, { opens: false });
    const correlated = await store.readCorrelated(database.sql, metadata.correlationId, {
      limit: 9,
      opens: false,
    });

    expect([read, correlated].map(partsIn)).toEqual(Array(2).fill([{ erased: true }, undefined]));
    expect(data.calls).toEqual([]);
  });

  it('is opened by every way to read it', async () => {
    const stream = newStream();
    const options = appendOptions();
    const metadata = { correlationId: randomUUID(), causationId: randomUUID() };
    const [recorded] = await database.sql.transaction((transaction) =>
      store.append(transaction, [{ stream, expected: 'none', events: [named()] }], { ...options, metadata }),
    );
    const { sql } = database;
    const whileLocked = await sql.transaction(async (transaction) => {
      await lockStreams(transaction, [stream]);
      return {
        read: await store.read(transaction, stream),
        caused: await store.readCaused(transaction, [stream], metadata.causationId),
      };
    });

    const ways = {
      ...whileLocked,
      appended: [recorded!],
      searched: await sql.transaction((transaction) =>
        store.readCaused(transaction, [stream], metadata.causationId),
      ),
      correlated: await store.readCorrelated(sql, metadata.correlationId, { limit: 10 }),
      fromSnapshot: (await store.snapshots.read(sql, stream, { schemaHash: 'none', limit: 10 })).events,
    };
    for (const [way, events] of Object.entries(ways))
      expect({ way, parts: partsIn(events) }).toEqual({ way, parts: [ada] });
  });

  it('is opened for a projection that follows the store', async () => {
    const stream = await append([named()]);
    const seen: RecordedEvent[] = [];
    const projection = createAsyncProjection({
      database: database.sql,
      projection: {
        name: newStream('projection'),
        version: 1,
        eventTypes: ['Named'],
        apply: (_, events) => Promise.resolve(void seen.push(...events)),
      },
      holder,
      clock: systemClock,
      logger: silentLogger,
    });
    projection.start();
    await within(20_000)(() => seen.some((event) => event.stream === stream));
    await projection.stop();

    expect(partsIn(seen.filter((event) => event.stream === stream))).toEqual([ada]);
  });

  it('is opened for a read model that replaces the live one', async () => {
    await database.sql.query('CREATE TABLE named (stream text PRIMARY KEY, name text)');
    const names: RebuildableProjection = {
      name: 'named',
      version: 1,
      tables: ['named'],
      eventTypes: ['Named'],
      async apply(transaction, events) {
        for (const { stream, event } of events)
          await transaction.query('INSERT INTO named VALUES ($1, $2) ON CONFLICT DO NOTHING', [
            stream,
            (event as ReturnType<typeof named>).personal.name,
          ]);
      },
    };
    const stream = await append([named()]);
    const catalog = undeclaredEvents;
    const process = { database: database.sql, clock: systemClock, logger: silentLogger, catalog };
    await createRebuilds({ ...process, projections: [names] }).begin('named');
    const intoShadow = intoShadows(names, 'rebuild of named', 100);

    expect(await swapIn(database.sql, names, { intoShadow, catalog, holder })).toBe(true);
    const { rows } = await database.sql.query('SELECT name FROM named WHERE stream = $1', [stream]);
    expect(rows).toEqual([{ name: 'Ada Lovelace' }]);
  });

  it('costs one load of keys for each append and each read, and none without personal parts', async () => {
    const stream = await append([named(), rested, named({ ...ada, subject: 'customer-2' })]);
    await read(stream);
    expect(data.calls).toEqual([
      ['order/customer-1', 'order/customer-2'],
      ['order/customer-1', 'order/customer-2'],
    ]);

    data.calls.splice(0);
    await read(await append([rested, { type: 'Named', personal: { name: 'of an old release' } } as never]));
    expect(data.calls).toEqual([]);
  });

  it('costs one load of keys for all streams that a batch has locked', async () => {
    const subjects = ['customer-3', 'customer-4', 'customer-5'];
    const streams = await Promise.all(subjects.map((subject) => append([named({ subject })])));
    const plain = await append([rested]);
    data.calls.splice(0);

    await database.sql.transaction(async (transaction) => {
      await lockStreams(transaction, [plain, ...streams]);
      for (const stream of [plain, streams[0]!]) await store.read(transaction, stream);
    });

    expect(data.calls.map((loaded) => [...loaded].sort())).toEqual([
      subjects.map((subject) => `order/${subject}`),
    ]);
  });

  it('is read as erased once its key was destroyed', async () => {
    const stream = await append([named({ ...ada, subject: 'customer-6' }), rested]);
    data.erase({ holder: 'order', subject: 'customer-6' });

    expect((await read(stream)).map(({ event }) => event)).toEqual([
      { type: 'Named', personal: { erased: true } },
      rested,
    ]);
  });

  it('opens only in the event for which it was sealed', async () => {
    const stream = await append([named()]);
    const other = await append([named()]);
    await database.sql.query(
      'UPDATE event SET personal = (SELECT personal FROM event WHERE stream = $1) WHERE stream = $2',
      [stream, other],
    );

    await expect(read(other)).rejects.toMatchObject({ code: 'unreadable' });
  });

  it('without a subject is stored and read as before', async () => {
    const stream = await append([named({ name: 'Ada' })]);

    expect(await stored(stream)).toEqual([{ data: {}, personal: { name: 'Ada' } }]);
    expect(partsIn(await read(stream))).toEqual([{ name: 'Ada' }]);
    expect(partsIn(await read(stream, postgresEventStore()))).toEqual([{ name: 'Ada' }]);
  });

  it('with a subject is neither appended nor read by a store without keys, which is no fault of a message', async () => {
    const keyless = postgresEventStore();
    const problem = { code: 'keys_missing', cause: { name: 'BlockedError' } };
    const stream = newStream();

    await expect(append([rested, named()], stream, keyless)).rejects.toMatchObject(problem);
    expect(await stored(stream)).toEqual([]);
    await expect(append([named()]).then((sealed) => read(sealed, keyless))).rejects.toMatchObject(problem);
  });

  it('is limited in its size before it is sealed', async () => {
    const bytes = Buffer.byteLength('{}') + Buffer.byteLength(JSON.stringify(ada));
    const fits = postgresEventStore({ holder, limits: { eventBytesMax: bytes } });
    const tooSmall = postgresEventStore({ holder, limits: { eventBytesMax: bytes - 1 } });

    await append([named()], newStream(), fits);
    await expect(append([named()], newStream(), tooSmall)).rejects.toMatchObject({ code: 'event_too_large' });
  });
});
