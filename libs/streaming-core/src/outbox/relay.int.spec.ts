import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as wait } from 'node:timers/promises';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import { v7 } from 'uuid';
import { within } from '@millrace/testing/within';
import { silentLogger } from '../contract/index.ts';
import { ClientError, type Producer, type ProducerRecord } from '../client/index.ts';
import { migrate, streamingCoreMigrations, type SqlDatabase } from '../postgres/index.ts';
import { appendToOutbox } from './append.ts';
import type { OutboxMessage } from './outbox.ts';
import { advanceCursor, renewLease, takeLease } from './relay.sql.ts';
import { createRelay, type Relay, type RelayOptions } from './relay.ts';

/** A log in memory. `before` runs ahead of each send: it may fail it, or hold it up. */
class MemoryLog implements Producer {
  readonly records: ProducerRecord[] = [];
  readonly batchSizes: number[] = [];
  before: (records: readonly ProducerRecord[]) => Promise<void> = async () => undefined;

  async send(records: readonly ProducerRecord[]) {
    await this.before(records);
    this.batchSizes.push(records.length);
    this.records.push(...records);
    return records.map(({ topic }, index) => ({ topic, partition: 0, offset: BigInt(index) }));
  }

  readonly close = async () => undefined;

  get numbers(): number[] {
    return this.records.map(({ value }) => (JSON.parse(value ?? '{}') as { number: number }).number);
  }
}

const sample = (number: number, fields: Record<string, unknown> = {}): OutboxMessage => ({
  topic: 'notes',
  key: `k${number % 5}`,
  message: { type: 'Noted', number, ...fields },
  attributes: {
    id: v7(),
    source: '/millrace/test',
    type: 'Noted',
    time: '2026-11-20T09:00:00.000Z',
    subject: `k${number % 5}`,
    dataSchema: '/schemas/notes/Noted/1',
    correlationId: 'story',
    causationId: 'cause',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  },
});

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

const until = within(15_000);

describe('the relay', () => {
  let database: TestDatabase;
  let log: MemoryLog;
  const relays: Relay[] = [];

  function relay(options: Partial<RelayOptions> = {}): Relay {
    const made = createRelay({ database: database.sql, producer: log, holder: v7(), ...options });
    relays.push(made);
    return made;
  }
  const append = (...numbers: number[]) =>
    appendToOutbox(
      database.sql,
      numbers.map((number) => sample(number)),
    );

  /** The database, with one statement that fails while `broken()` says so. */
  const failing = (statement: string, broken: () => boolean): SqlDatabase => ({
    transaction: (work) => database.sql.transaction(work),
    query: async (text, values) => {
      if (text === statement && broken()) throw new Error('connection lost');
      return database.sql.query(text, values);
    },
  });

  beforeAll(async () => {
    database = await createTestDatabase();
    await migrate(database.sql, [{ library: 'streaming-core', folder: streamingCoreMigrations }]);
  });
  beforeEach(async () => {
    log = new MemoryLog();
    await database.sql.query('TRUNCATE outbox');
    await database.sql.query(`UPDATE relay_cursor SET incarnation = (SELECT id FROM store_incarnation), holder = NULL,
      lease_until = '-infinity', position = (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM outbox_position_sequence)`);
  });
  afterEach(async () => {
    await Promise.all(relays.splice(0).map((made) => made.stop()));
  });
  afterAll(() => database.drop());

  it('publishes in order, as CloudEvents in binary mode', async () => {
    const first = sample(1);
    await appendToOutbox(database.sql, [first, ...range(2, 1200).map((number) => sample(number))]);
    relay().start();
    await until(() => log.records.length === 1200);

    expect(log.numbers).toEqual(range(1, 1200));
    expect(log.records[0]).toEqual({
      topic: 'notes',
      key: 'k1',
      value: '{"type":"Noted","number":1}',
      headers: {
        ce_specversion: '1.0',
        ce_id: first.attributes.id,
        ce_type: 'Noted',
        ce_source: '/millrace/test',
        ce_time: '2026-11-20T09:00:00.000Z',
        ce_subject: 'k1',
        ce_dataschema: '/schemas/notes/Noted/1',
        ce_correlationid: 'story',
        ce_causationid: 'cause',
        'content-type': 'application/json',
        traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      },
    });
  });

  it('goes on where it stopped, and publishes nothing twice', async () => {
    await append(...range(1, 10));
    const first = relay();
    first.start();
    await until(() => log.records.length === 10);
    await first.stop();
    await append(...range(11, 20));
    relay().start();
    await until(() => log.records.length === 20);

    expect(log.numbers).toEqual(range(1, 20));
  });

  it('publishes nothing of an open or rolled back transaction, and holds back what follows an open one', async () => {
    const writer = await database.pool.connect();
    await writer.query('BEGIN');
    await appendToOutbox(asPort(writer), [sample(1)]);
    await append(2);
    const running = relay();
    running.start();
    await until(async () => (await running.status()).hole !== undefined);
    expect(log.records).toEqual([]);

    await writer.query('ROLLBACK');
    writer.release();
    await until(() => log.records.length > 0);

    expect(log.numbers).toEqual([2]);
  });

  it('after a crash between publishing and the cursor, repeats the last batch and then goes on', async () => {
    await append(...range(1, 10));
    const dying = relay({ database: failing(advanceCursor, () => true) });
    dying.start();
    await until(() => log.records.length >= 10);
    await dying.stop();
    const published = log.records.length;
    await append(...range(11, 15));
    relay().start();
    await until(() => log.records.length === published + 15);

    expect([...new Set(log.numbers)]).toEqual(range(1, 15));
    expect(log.numbers.slice(published)).toEqual(range(1, 15));
  });

  it('records nothing before the log has acknowledged it', async () => {
    let acknowledge: (() => void) | undefined;
    log.before = () => new Promise<void>((resolve) => (acknowledge = resolve));
    const running = relay();
    const { position } = await running.status();
    await append(...range(1, 3));
    running.start();
    await until(() => acknowledge !== undefined);
    expect((await running.status()).position).toBe(position);
    acknowledge?.();
    await until(async () => (await running.status()).position === position + 3n);
  });

  it('lets one relay publish at a time, and the next one at once when it stops', async () => {
    const [first, second] = [relay(), relay({ limits: { competeEveryMs: 5 } })];
    first.start();
    await until(async () => (await first.status()).publishing);
    second.start();
    await append(...range(1, 50));
    await until(() => log.records.length === 50);
    expect((await second.status()).publishing).toBe(false);

    await first.stop();
    await until(async () => (await second.status()).publishing);
    await append(...range(51, 60));
    await until(() => log.records.length === 60);
    expect(log.numbers).toEqual(range(1, 60));
  });

  it('fences a relay that stalled: it records nothing, stops publishing and competes again', async () => {
    let release = () => {};
    const stalled = new MemoryLog();
    stalled.before = () => new Promise<void>((resolve) => (release = resolve));
    await append(...range(1, 5));
    const limits = { leaseMs: 200, renewEveryMs: 60, competeEveryMs: 10 };
    const warnings: string[] = [];
    const logger = { ...silentLogger, warn: (_: object, message: string) => void warnings.push(message) };
    const first = relay({ producer: stalled, database: failing(renewLease, () => true), limits, holder: 'first', logger });
    first.start();
    await until(async () => (await first.status()).publishing);
    relay({ limits: { competeEveryMs: 10 }, holder: 'second' }).start(); // its lease outlasts any stall of this process
    await until(() => log.records.length === 5);
    release();
    await until(() => stalled.records.length === 5);
    await until(() => warnings.some((message) => message.includes('lost its lease')));
    await append(6);
    await until(() => log.records.length === 6);

    expect(log.numbers).toEqual(range(1, 6));
    expect(stalled.numbers).toEqual(range(1, 5));
    await until(async () => (await first.status()).failure === undefined);
    expect(await first.status()).toMatchObject({ publishing: false, holder: 'second' });
  });

  it('is well again, standing by, once the database answers it', async () => {
    let broken = true;
    const limits = { competeEveryMs: 5, retryDelayMsMin: 1, retryDelayMsMax: 5 };
    const messages: string[] = [];
    const logger = { ...silentLogger, info: (_: object, message: string) => void messages.push(message) };
    const first = relay();
    first.start();
    await until(async () => (await first.status()).publishing);
    const second = relay({ database: failing(takeLease, () => broken), limits, logger });
    second.start();
    await until(async () => (await second.status()).failure !== undefined);
    broken = false;
    await until(async () => (await second.status()).failure === undefined);

    expect(await second.status()).toMatchObject({ publishing: false });
    expect(messages).toEqual(['another relay publishes: this one stands by']);
  });

  it('that was killed between publishing and the cursor is followed at once under its name: duplicates, first occurrences in order', async () => {
    await append(...range(1, 10));
    const killed = relay({ database: failing(advanceCursor, () => true), holder: 'order-1', limits: { retryDelayMsMin: 60_000 } });
    killed.start();
    await until(() => log.records.length === 10);
    await append(...range(11, 15));
    const from = performance.now();
    const successor = relay({ holder: 'order-1' });
    successor.start();
    await until(() => log.records.length === 25);

    expect(performance.now() - from).toBeLessThan(3_000);
    expect(log.numbers).toEqual([...range(1, 10), ...range(1, 15)]);
    expect(await successor.status()).toMatchObject({ publishing: true, holder: 'order-1', position: expect.any(BigInt) });
  });

  it('stops when another process runs under its name, says so, and leaves the lease to that one', async () => {
    const errors: string[] = [];
    const logger = { ...silentLogger, error: (_: object, message: string) => void errors.push(message) };
    const limits = { leaseMs: 3_000, renewEveryMs: 30, competeEveryMs: 10, retryDelayMsMin: 5 };
    const older = relay({ holder: 'order-1', limits, logger });
    older.start();
    await until(async () => (await older.status()).publishing);
    const younger = relay({ holder: 'order-1', limits });
    younger.start();
    await until(async () => (await older.status()).failure?.message.includes('has stopped') === true);

    expect(await older.status()).toMatchObject({ publishing: false, failure: { code: 'holder_taken' } });
    expect(errors).toEqual([expect.stringContaining('as holder "order-1"')]);
    const { epoch } = await younger.status();
    await append(...range(1, 5));
    await until(() => log.records.length === 5);
    expect(await younger.status()).toMatchObject({ publishing: true, epoch });
  });

  it('takes its lease again when the answer to taking it was lost', async () => {
    let lost = 0;
    let broken = false;
    const limits = { leaseMs: 1_000, renewEveryMs: 30, competeEveryMs: 10, retryDelayMsMin: 1, retryDelayMsMax: 5 };
    const forgetful: SqlDatabase = {
      transaction: (work) => database.sql.transaction(work),
      query: async (text, values) => {
        const answer = await database.sql.query(text, values);
        if (text === takeLease && broken && lost++ === 0) throw new Error('connection lost');
        return text === renewLease && broken && lost === 0 ? { rows: [], rowCount: 0 } : (answer as never);
      },
    };
    const alone = relay({ holder: 'order-1', database: forgetful, limits });
    alone.start();
    await until(async () => (await alone.status()).publishing);
    broken = true;
    await until(() => lost > 1);
    await append(1);
    await until(() => log.records.length === 1);

    expect(await alone.status()).toMatchObject({ publishing: true, holder: 'order-1' });
  });

  it('retries a log that fails for as long as it takes, and skips nothing', async () => {
    let failures = 8;
    log.before = async () => {
      failures -= 1;
      if (failures >= 0) throw new Error('the broker is away');
    };
    await append(...range(1, 3));
    relay({ limits: { retryDelayMsMin: 1, retryDelayMsMax: 4 } }).start();
    await until(() => log.records.length === 3);

    expect(log.numbers).toEqual([1, 2, 3]);
    expect(failures).toBe(-1);
  });

  it('stands still at a topic that does not exist, names it and the remedy in log and status, and goes on in order once it is there', async () => {
    const errors: Array<readonly [string, object]> = [];
    const logger = { ...silentLogger, error: (fields: object, message: string) => void errors.push([message, fields]) };
    let exists = false;
    let refusals = 0;
    log.before = async (records) => {
      if (exists || records.every(({ topic }) => topic !== 'notes.dlq')) return;
      refusals += 1;
      throw new ClientError('unknown_topic', 'no topic named notes.dlq: run the setup step (npm start does)');
    };
    await append(1);
    await appendToOutbox(database.sql, [{ ...sample(2), topic: 'notes.dlq' }]);
    await append(3);
    const waiting = relay({ limits: { batchRowsMax: 1, retryDelayMsMin: 1, retryDelayMsMax: 2 }, logger });
    waiting.start();
    await until(() => refusals > 5);

    expect(log.numbers).toEqual([1]);
    expect(await waiting.status()).toMatchObject({
      publishing: true,
      failure: { code: 'unknown_topic', message: expect.stringContaining('no topic named notes.dlq: run the setup step') },
    });
    expect(errors).toEqual([
      [
        expect.stringContaining('the outbox stands still: no topic named notes.dlq: run the setup step'),
        expect.objectContaining({ name: 'outbox' }),
      ],
    ]);
    exists = true;
    await until(() => log.records.length === 3);
    expect(log.numbers).toEqual([1, 2, 3]);
    expect((await waiting.status()).failure).toBeUndefined();
  });

  it('keeps its lease while the log is away for longer than the lease', async () => {
    let away = true;
    log.before = async () => {
      if (away) throw new Error('the broker is away');
    };
    await append(1);
    const lease = { leaseMs: 1_000, renewEveryMs: 30, competeEveryMs: 10, retryDelayMsMax: 20 }; // a busy machine may hold both up for a few 100 ms
    const first = relay({ limits: lease, holder: 'first' });
    first.start();
    await until(async () => (await first.status()).publishing);
    relay({ limits: lease, holder: 'second' }).start();
    await wait(2 * lease.leaseMs);

    expect(await first.status()).toMatchObject({ publishing: true, holder: 'first' });
    away = false;
    await until(() => log.records.length === 1);
  });

  it('refuses a cursor beyond the outbox, or of another incarnation of the store, and publishes nothing', async () => {
    await append(1);
    await database.sql.query('UPDATE relay_cursor SET position = position + 1000');
    const beyond = relay();
    beyond.start();
    await until(async () => (await beyond.status()).failure !== undefined);
    expect(await beyond.status()).toMatchObject({
      publishing: false,
      failure: { code: 'cursor_refused', message: expect.stringContaining('beyond') },
    });
    await beyond.stop();

    await database.sql.query('UPDATE relay_cursor SET position = 0, incarnation = gen_random_uuid()');
    const foreign = relay();
    foreign.start();
    await until(async () => (await foreign.status()).failure !== undefined);
    expect(await foreign.status()).toMatchObject({ failure: { code: 'cursor_refused', message: expect.stringContaining('incarnation') } });
    expect(log.records).toEqual([]);
  });

  it('bounds a batch by bytes as well as by rows, and still takes a single large message', async () => {
    const text = 'x'.repeat(1000);
    await appendToOutbox(
      database.sql,
      range(1, 10).map((number) => sample(number, { text })),
    );
    relay({ limits: { batchBytesMax: 2500 } }).start();
    await until(() => log.records.length === 10);

    expect(log.batchSizes).toEqual([3, 3, 3, 1]);
    expect(log.numbers).toEqual(range(1, 10));
  });

  it('looks at once when it is told of a commit', async () => {
    const idle = relay({ limits: { pollDelayMsMin: 60_000, pollDelayMsMax: 60_000 } });
    idle.start();
    await until(async () => (await idle.status()).publishing);
    await append(1);
    idle.notify();
    await until(() => log.records.length === 1);

    expect(log.numbers).toEqual([1]);
  });

  it('says how old the oldest unpublished row is', async () => {
    const quiet = relay();
    expect(await quiet.status()).toMatchObject({ oldestUnpublishedAgeMs: null, holder: null });
    await append(1);

    expect((await quiet.status()).oldestUnpublishedAgeMs).toBeGreaterThan(0);
  });
});

const asPort = (client: { query(text: string, values: unknown[]): Promise<{ rows: unknown[]; rowCount: number | null }> }) => ({
  query: async <Row>(text: string, values: readonly unknown[] = []) => {
    const { rows, rowCount } = await client.query(text, [...values]);
    return { rows: rows as Row[], rowCount: rowCount ?? 0 };
  },
});
