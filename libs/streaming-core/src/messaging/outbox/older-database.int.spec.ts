import { describe, expect, it } from '@jest/globals';
import { ClientError } from '../../client/index.ts';
import { MemoryGroupOffsets } from './group-offsets.fake.ts';
import { relayBench, until } from './relay.bench.ts';

describe('a relay that has left a mark on the broker', () => {
  const bench = relayBench();
  const { append } = bench;
  const limits = { retryDelayMsMin: 1, retryDelayMsMax: 5, markDelayMs: 1 };

  async function published(numbers: readonly number[], marks: MemoryGroupOffsets): Promise<void> {
    const first = bench.relay({ marks, limits });
    first.start();
    await append(...numbers);
    await until(() => bench.log.records.length === numbers.length);
    await first.stop();
  }

  const cursorTo = (position: string) =>
    bench.database.sql.query(`UPDATE relay_cursor SET position = ${position}`);

  it('M45 publishes again when a crash has set its cursor back, since the outbox has the row', async () => {
    const marks = new MemoryGroupOffsets();
    await published([1, 2], marks);
    await cursorTo('position - 2');
    const next = bench.relay({ marks, limits });
    next.start();
    await until(() => bench.log.records.length === 4);

    expect(bench.log.numbers).toEqual([1, 2, 1, 2]);
    expect((await next.status()).failure).toBeUndefined();
  });

  it('M44 publishes nothing when another row has taken the position of the mark', async () => {
    const marks = new MemoryGroupOffsets();
    await published([1, 2], marks);
    await cursorTo('position - 2');
    await bench.database.sql.query('UPDATE outbox SET id = gen_random_uuid()');
    const next = bench.relay({ marks, limits });
    next.start();
    await until(async () => (await next.status()).failure !== undefined);

    expect(await next.status()).toMatchObject({
      failure: { code: 'cursor_refused', message: expect.stringContaining('older than the log') },
    });
    expect(bench.log.numbers).toEqual([1, 2]);
  });

  it('M45 continues to publish once the cursor has passed the mark, even if the row was deleted long ago', async () => {
    const marks = new MemoryGroupOffsets();
    await published([1, 2], marks);
    await bench.database.sql.query('TRUNCATE outbox');
    const next = bench.relay({ marks, limits });
    next.start();
    await append(3);
    await until(() => bench.log.records.length === 3);

    expect(bench.log.numbers).toEqual([1, 2, 3]);
  });

  it('M44 publishes nothing before it has read the mark, and keeps its lease while it waits for the broker', async () => {
    const marks = new MemoryGroupOffsets();
    let attempts = 0;
    let away = true;
    marks.before = async (call) => {
      if (call === 'committed') attempts += 1;
      if (away) throw new ClientError('unreachable', 'no broker answers');
    };
    const waiting = bench.relay({ marks, limits });
    waiting.start();
    await append(1);
    await until(() => attempts > 3);
    expect(await waiting.status()).toMatchObject({ publishing: true, failure: { code: 'unreachable' } });
    expect(bench.log.records).toEqual([]);

    away = false;
    await until(() => bench.log.records.length === 1);
  });

  it('does not wait until its mark is written', async () => {
    const marks = new MemoryGroupOffsets();
    marks.before = (call) => (call === 'commit' ? new Promise(() => undefined) : Promise.resolve());
    const made = bench.relay({ marks, limits: { ...limits, stopTimeoutMs: 10 } });
    made.start();
    await append(1);
    await until(() => bench.log.records.length === 1);
    await append(2);
    await until(() => bench.log.records.length === 2);
  });

  it('notes the current id of the database, even if the id changed during its lease', async () => {
    const marks = new MemoryGroupOffsets();
    const made = bench.relay({ marks, limits });
    made.start();
    await append(1);
    await until(() => bench.log.records.length === 1);
    await bench.database.sql.query(
      'WITH renamed AS (UPDATE store_incarnation SET id = gen_random_uuid() RETURNING id) UPDATE relay_cursor SET incarnation = (SELECT id FROM renamed)',
    );
    await append(2);
    await until(() => bench.log.records.length === 2);
    await made.stop();
    const { rows } = await bench.database.sql.query<{ id: string }>('SELECT id FROM store_incarnation');

    expect(marks.commits.at(-1)?.metadata).toContain(`"store":"${rows[0]?.id}"`);
  });
});
