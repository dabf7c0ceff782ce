import { describe, expect, it } from '@jest/globals';
import { withTransactionsElsewhere } from '@millrace/testing/postgres';
import { silentLogger } from '../../runtime/index.ts';
import { ClientError } from '../../client/index.ts';
import { type SqlDatabase, SqlTransaction } from '../../postgres/index.ts';
import { appendToOutbox } from './append.ts';
import { daysWithoutPartition } from './day-partitions.ts';
import { range, relayBench, sample, until } from './relay.bench.ts';
import { advanceCursor } from './relay.sql.ts';

describe('the relay', () => {
  const bench = relayBench();
  const { relay, append, failing } = bench;

  it('publishes in order, as CloudEvents in binary mode', async () => {
    const first = sample(1);
    await bench.database.sql.transaction((transaction) =>
      appendToOutbox(transaction, [first, ...range(2, 1200).map((number) => sample(number))]),
    );
    relay().start();
    await until(() => bench.log.records.length === 1200);

    expect(bench.log.numbers).toEqual(range(1, 1200));
    expect(bench.log.records[0]).toEqual({
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

  it('resumes where it stopped, and publishes nothing twice', async () => {
    await append(...range(1, 10));
    const first = relay();
    first.start();
    await until(() => bench.log.records.length === 10);
    await first.stop();
    await append(...range(11, 20));
    relay().start();
    await until(() => bench.log.records.length === 20);

    expect(bench.log.numbers).toEqual(range(1, 20));
  });

  it('M01 publishes no message of an open or rolled back transaction, and holds back messages that follow an open one', async () => {
    const writer = await bench.database.pool.connect();
    await writer.query('BEGIN');
    await appendToOutbox(asPort(writer), [sample(1)]);
    await append(2);
    const running = relay();
    running.start();
    await until(async () => (await running.status()).hole !== undefined);
    expect(bench.log.records).toEqual([]);

    await writer.query('ROLLBACK');
    writer.release();
    await until(() => bench.log.records.length > 0);

    expect(bench.log.numbers).toEqual([2]);
  });

  it('M17 is not delayed by transactions in another database of the server', async () => {
    await withTransactionsElsewhere(async () => {
      const rolledBack = bench.database.sql.transaction(async (transaction) => {
        await appendToOutbox(transaction, [sample(1)]);
        throw new Error('rolled back');
      });
      await expect(rolledBack).rejects.toThrow('rolled back');
      await append(2);
      relay().start();
      await until(() => bench.log.records.length > 0);
    });

    expect(bench.log.numbers).toEqual([2]);
  });

  it('M03 repeats only the last batch after a crash between publishing and moving the cursor', async () => {
    await append(...range(1, 10));
    const dying = relay({ database: failing(advanceCursor, () => true) });
    dying.start();
    await until(() => bench.log.records.length >= 10);
    await dying.stop();
    const published = bench.log.records.length;
    await append(...range(11, 15));
    relay().start();
    await until(() => bench.log.records.length === published + 15);

    expect([...new Set(bench.log.numbers)]).toEqual(range(1, 15));
    expect(bench.log.numbers.slice(published)).toEqual(range(1, 15));
  });

  it('P05 moves its cursor only after the log has acknowledged the rows', async () => {
    let acknowledge: (() => void) | undefined;
    bench.log.before = () => new Promise<void>((resolve) => (acknowledge = resolve));
    const running = relay();
    const { position } = await running.status();
    await append(...range(1, 3));
    running.start();
    await until(() => acknowledge !== undefined);
    expect((await running.status()).position).toBe(position);
    acknowledge?.();
    await until(async () => (await running.status()).position === position + 3n);
  });

  it('retries without limit while the log fails, and skips nothing', async () => {
    let failures = 8;
    bench.log.before = async () => {
      failures -= 1;
      if (failures >= 0) throw new Error('the broker is away');
    };
    await append(...range(1, 3));
    relay({ limits: { retryDelayMsMin: 1, retryDelayMsMax: 4 } }).start();
    await until(() => bench.log.records.length === 3);

    expect(bench.log.numbers).toEqual([1, 2, 3]);
    expect(failures).toBe(-1);
  });

  it('waits at a topic that does not exist, reports it with the remedy in log and status, and resumes in order once it exists', async () => {
    const errors: Array<readonly [string, object]> = [];
    const logger = {
      ...silentLogger,
      error: (fields: object, message: string) => void errors.push([message, fields]),
    };
    let exists = false;
    let refusals = 0;
    bench.log.before = async (records) => {
      if (exists || records.every(({ topic }) => topic !== 'notes.dlq')) return;
      refusals += 1;
      throw new ClientError('unknown_topic', 'no topic named notes.dlq: create it');
    };
    await append(1);
    await bench.database.sql.transaction((transaction) =>
      appendToOutbox(transaction, [{ ...sample(2), topic: 'notes.dlq' }]),
    );
    await append(3);
    const waiting = relay({ limits: { batchRowsMax: 1, retryDelayMsMin: 1, retryDelayMsMax: 2 }, logger });
    waiting.start();
    await until(() => refusals > 5);

    expect(bench.log.numbers).toEqual([1]);
    expect(await waiting.status()).toMatchObject({
      publishing: true,
      failure: {
        code: 'unknown_topic',
        message: expect.stringContaining('no topic named notes.dlq: create it'),
      },
    });
    expect(errors).toEqual([
      [
        expect.stringMatching(
          /^the outbox is blocked: no topic named notes\.dlq: create it; the setup step creates/,
        ),
        expect.objectContaining({ relay: 'outbox' }),
      ],
    ]);
    exists = true;
    await until(() => bench.log.records.length === 3);
    expect(bench.log.numbers).toEqual([1, 2, 3]);
    expect((await waiting.status()).failure).toBeUndefined();
  });

  it('rejects a cursor beyond the outbox, or of another incarnation of the store, and publishes nothing', async () => {
    await append(1);
    await bench.database.sql.query('UPDATE relay_cursor SET position = position + 1000');
    const beyond = relay();
    beyond.start();
    await until(async () => (await beyond.status()).failure !== undefined);
    expect(await beyond.status()).toMatchObject({
      publishing: false,
      failure: { code: 'cursor_refused', message: expect.stringContaining('beyond') },
    });
    await beyond.stop();

    await bench.database.sql.query('UPDATE relay_cursor SET position = 0, incarnation = gen_random_uuid()');
    const foreign = relay();
    foreign.start();
    await until(async () => (await foreign.status()).failure !== undefined);
    expect(await foreign.status()).toMatchObject({
      failure: { code: 'cursor_refused', message: expect.stringContaining('incarnation') },
    });
    expect(bench.log.records).toEqual([]);
  });

  it('M18 publishes while its partitions are maintained, however long that takes', async () => {
    let maintained = () => {};
    const maintenance = new Promise<void>((resolve) => (maintained = resolve));
    const slow: SqlDatabase = {
      transaction: (work) => bench.database.sql.transaction(work),
      query: async (text, values) => {
        if (text === daysWithoutPartition) await maintenance;
        return bench.database.sql.query(text, values);
      },
    };
    relay({ database: slow }).start();
    await append(1);
    await until(() => bench.log.records.length === 1);
    maintained();
  });

  it('limits a batch by bytes as well as by rows, but always takes at least one message', async () => {
    const text = 'x'.repeat(1000);
    await bench.database.sql.transaction((transaction) =>
      appendToOutbox(
        transaction,
        range(1, 10).map((number) => sample(number, { text })),
      ),
    );
    relay({ limits: { batchBytesMax: 2500 } }).start();
    await until(() => bench.log.records.length === 10);

    expect(bench.log.batchSizes).toEqual([3, 3, 3, 1]);
    expect(bench.log.numbers).toEqual(range(1, 10));
  });

  it('looks at once when it is notified of a commit', async () => {
    const idle = relay({ limits: { pollDelayMsMin: 60_000, pollDelayMsMax: 60_000 } });
    idle.start();
    await until(async () => (await idle.status()).publishing);
    await append(1);
    idle.notify();
    await until(() => bench.log.records.length === 1);

    expect(bench.log.numbers).toEqual([1]);
  });

  it('reports the age of the oldest unpublished row', async () => {
    const quiet = relay();
    expect(await quiet.status()).toMatchObject({ oldestUnpublishedAgeMs: null, holder: null });
    await append(1);

    expect((await quiet.status()).oldestUnpublishedAgeMs).toBeGreaterThan(0);
  });
});

const asPort = (client: {
  query(text: string, values: unknown[]): Promise<{ rows: unknown[]; rowCount: number | null }>;
}) =>
  SqlTransaction.on({
    query: async <Row>(text: string, values: readonly unknown[] = []) => {
      const { rows, rowCount } = await client.query(text, [...values]);
      return { rows: rows as Row[], rowCount: rowCount ?? 0 };
    },
    end: () => Promise.reject(new Error('the test ends it')),
  });
