import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestDatabase } from '@millrace/testing/postgres';
import type { ExpectedVersion, ReadOptions, RecordedEvent, StreamAppend } from '../event-store.ts';
import { appendOptions, newStream, openEventDatabase } from './event-database.fixture.ts';
import { postgresEventStore } from './postgres-event-store.ts';
import { SqlTransaction } from '@millrace/streaming-core/postgres';

const opened = { type: 'Opened', currency: 'EUR' };
const big = { type: 'Big', text: 'x'.repeat(300_000) };
const nul = { type: 'Nul', text: 'a\0b' };
const deposited = (amount: number) => ({ type: 'Deposited', amount });
const types = (events: readonly RecordedEvent[]) => events.map(({ event }) => event.type);

describe('the event store on PostgreSQL', () => {
  const store = postgresEventStore();
  let database: TestDatabase;

  beforeAll(async () => void (database = await openEventDatabase()));
  afterAll(() => database.drop());

  const append = (stream: string, expected: ExpectedVersion, ...events: { type: string }[]) =>
    database.sql.transaction((transaction) =>
      store.append(transaction, [{ stream, expected, events }], appendOptions()),
    );
  const read = (stream: string, options?: ReadOptions) => store.read(database.sql, stream, options);

  it('numbers the events of a stream from 1 and reads back what it recorded', async () => {
    const stream = newStream();
    const recorded = [
      ...(await append(stream, 'none', opened, deposited(5))),
      ...(await append(stream, 2n, deposited(7))),
    ];

    expect(recorded.map(({ version }) => version)).toEqual([1n, 2n, 3n]);
    expect(await read(stream)).toEqual(recorded);
    expect(recorded[2]).toMatchObject({
      stream,
      event: deposited(7),
      schemaVersion: 1,
      metadata: { correlationId: 'story', causationId: 'request' },
      recordedAt: new Date('2026-03-01T00:00:00Z'),
    });
  });

  it.each([
    { expected: 'none' as const, actual: 1n },
    { expected: 2n, actual: 1n },
  ])(
    'rejects an append to a stream that is not at version $expected, and names its actual version',
    async ({ expected, actual }) => {
      const stream = newStream();
      await append(stream, 'none', opened);

      await expect(append(stream, expected, deposited(1))).rejects.toMatchObject({
        code: 'wrong_expected_version',
        stream,
        expected,
        actual,
      });
      expect(types(await read(stream))).toEqual(['Opened']);
    },
  );

  it('rejects an expected version of a stream that does not exist', async () => {
    const stream = newStream();

    await expect(append(stream, 3n, opened)).rejects.toMatchObject({ expected: 3n, actual: 0n });
    expect(await read(stream)).toEqual([]);
  });

  it('appends at whatever version the stream has if `any` is expected', async () => {
    const stream = newStream();
    await append(stream, 'any', opened);

    expect((await append(stream, 'any', deposited(1)))[0]?.version).toBe(2n);
  });

  it('checks a version without writing an event', async () => {
    const stream = newStream();
    await append(stream, 'none', opened);

    expect(await append(stream, 1n)).toEqual([]);
    await expect(append(stream, 2n)).rejects.toMatchObject({ code: 'wrong_expected_version' });
    expect((await append(stream, 1n, deposited(1)))[0]?.version).toBe(2n);
  });

  it('appends to several streams at once, in the order given', async () => {
    const lamp = newStream('stock-b');
    const chair = newStream('stock-a');
    const recorded = await database.sql.transaction((transaction) =>
      store.append(
        transaction,
        [
          { stream: lamp, expected: 'none', events: [deposited(1), deposited(2)] },
          { stream: chair, expected: 'none', events: [deposited(3)] },
        ],
        appendOptions(),
      ),
    );

    expect(recorded.map(({ stream, version, event }) => [stream, version, event])).toEqual([
      [lamp, 1n, deposited(1)],
      [lamp, 2n, deposited(2)],
      [chair, 1n, deposited(3)],
    ]);
    expect([...(await read(lamp)), ...(await read(chair))]).toEqual(recorded);
  });

  it('E02 writes to none of several streams if one is not at the expected version', async () => {
    const first = newStream();
    const second = newStream();
    await append(second, 'none', opened);

    await expect(
      database.sql.transaction((transaction) =>
        store.append(
          transaction,
          [
            { stream: first, expected: 'none', events: [opened] },
            { stream: second, expected: 'none', events: [opened] },
          ],
          appendOptions(),
        ),
      ),
    ).rejects.toMatchObject({ stream: second, actual: 1n });
    expect(await read(first)).toEqual([]);
  });

  it('E07 keeps personal fields in a separate column and returns them with the event', async () => {
    const stream = newStream();
    const personal = { name: 'Ada', address: { postcode: '10115' } };
    await append(stream, 'none', { ...opened, personal } as { type: string });

    const { rows } = await database.sql.query(
      'SELECT data, personal, metadata FROM event WHERE stream = $1',
      [stream],
    );
    expect(rows).toEqual([
      { data: { currency: 'EUR' }, personal, metadata: { correlationId: 'story', causationId: 'request' } },
    ]);
    expect((await read(stream))[0]?.event).toEqual({ ...opened, personal });
  });

  it('reads a stream as of a version, as of a moment and in pages', async () => {
    const stream = newStream();
    const at = (minute: number) => new Date(Date.UTC(2026, 2, 1, 0, minute));
    for (const minute of [1, 2, 3])
      await database.sql.transaction((transaction) =>
        store.append(
          transaction,
          [{ stream, expected: 'any', events: [deposited(minute)] }],
          appendOptions(at(minute)),
        ),
      );
    const versions = async (options: ReadOptions) =>
      (await read(stream, options)).map(({ version }) => version);

    expect(await versions({ toVersion: 2n })).toEqual([1n, 2n]);
    expect(await versions({ at: at(2) })).toEqual([1n, 2n]);
    expect(await versions({ at: at(0) })).toEqual([]);
    expect(await versions({ fromVersion: 2n })).toEqual([2n, 3n]);
    expect(await versions({ fromVersion: 2n, limit: 1 })).toEqual([2n]);
  });

  it('leaves no gap in the events up to a moment if the clocks of two writers disagree', async () => {
    const stream = newStream();
    for (const minute of [1, 9, 2])
      await database.sql.transaction((transaction) =>
        store.append(
          transaction,
          [{ stream, expected: 'any', events: [deposited(minute)] }],
          appendOptions(new Date(Date.UTC(2026, 2, 1, 0, minute))),
        ),
      );

    const events = await read(stream, { at: new Date(Date.UTC(2026, 2, 1, 0, 2)) });
    expect(events.map(({ version }) => version)).toEqual([1n, 2n, 3n]);
  });

  it('rejects an event id that is already stored', async () => {
    const id = '019c0000-0000-7000-8000-000000000001';
    const once = () =>
      database.sql.transaction((transaction) =>
        store.append(transaction, [{ stream: newStream(), expected: 'none', events: [opened] }], {
          ...appendOptions(),
          newId: () => id,
        }),
      );
    await once();

    await expect(once()).rejects.toMatchObject({ code: '23505' });
  });

  it('stores text with quotes, backslashes, commas and apparent escape sequences', async () => {
    const stream = newStream();
    const event = { type: 'Noted', text: 'a "b", {c} \\ \\u0000 NULL \n é 🙂' };
    await append(stream, 'none', event);

    expect((await read(stream))[0]?.event).toEqual(event);
  });

  it.each<[string, StreamAppend[]]>([
    ['event_too_large', [{ stream: 's', expected: 'any', events: [big] }]],
    ['event_not_storable', [{ stream: 's', expected: 'any', events: [nul] }]],
    [
      'event_not_storable',
      [{ stream: 's', expected: 'any', events: [{ type: 'Half', personal: { text: '\ud83d' } }] }],
    ],
    ['invalid_stream_id', [{ stream: 'a\0b', expected: 'any', events: [opened] }]],
    ['invalid_stream_id', [{ stream: '', expected: 'any', events: [opened] }]],
    [
      'append_too_large',
      [{ stream: 's', expected: 'any', events: Array.from({ length: 10_000 }, () => opened) }],
    ],
    ['stream_named_twice', [1, 2].map(() => ({ stream: 's', expected: 'any' as const, events: [opened] }))],
  ])('rejects an append with %s before it sends a statement', async (code, appends) => {
    const nothing = SqlTransaction.on({
      query: () => Promise.reject(new Error('sent')),
      end: () => Promise.reject(new Error('sent')),
    });

    await expect(store.append(nothing, appends, appendOptions())).rejects.toMatchObject({ code });
  });

  it('never returns part of a stream as if it were the whole', async () => {
    const stream = newStream();
    await append(stream, 'none', opened, deposited(1), deposited(2));
    const small = postgresEventStore({ limits: { readEventsMax: 2 } });

    await expect(small.read(database.sql, stream)).rejects.toMatchObject({ code: 'stream_too_long' });
    expect(await small.read(database.sql, stream, { limit: 2 })).toHaveLength(2);
  });
});
