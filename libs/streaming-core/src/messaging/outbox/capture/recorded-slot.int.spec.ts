import { describe, expect, it } from '@jest/globals';
import type { SqlDatabase } from '../../../postgres/index.ts';
import { range } from '../relay.bench.ts';
import { handOverBench, until } from './hand-over.bench.ts';

describe('the slot of an outbox', () => {
  const bench = handOverBench();
  const {
    append,
    relayWithConnector: relay,
    handsOver,
    isDone,
    firstOccurrences,
    slots,
    publications,
    createSlot,
    dropSlots,
  } = bench;

  it('M63 names no slot like one before, also after its database was restored', async () => {
    const { rows } = await bench.database.pool.query('SELECT epoch FROM relay_cursor');
    const names: string[] = [];
    for (let restored = 0; restored < 2; restored += 1) {
      const made = relay(true);
      await handsOver(made);
      names.push(...(await slots()));
      await made.stop();
      await bench.reader.stop();
      await dropSlots();
      await bench.database.pool.query(
        `UPDATE relay_cursor SET delivery = 'at-least-once', epoch = ${rows[0].epoch}, lease_until = '-infinity'`,
      );
    }

    expect(names).toHaveLength(2);
    expect(new Set(names).size).toBe(2);
  });

  it('M64 changes no slot once it has lost its lease, however late its worker answers', async () => {
    const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
    let asked = false;
    const older = relay(true, {
      check: () => Promise.resolve(),
      provide: (slot) => bench.reader.provide(slot),
      remove() {
        asked = true;
        return answered;
      },
    });
    older.start();
    await until(() => asked);
    const stopped = older.stop();
    const younger = relay(true);
    await handsOver(younger);
    const before = await slots();
    answer();
    await stopped;
    await append(...range(1, 10));
    await until(() => new Set(bench.log.numbers).size === 10);

    expect(before).toHaveLength(1);
    expect(await slots()).toEqual(before);
  });

  it('M64 drops the slot that it has created for too long', async () => {
    let stopped: Promise<void> | undefined;
    const slow: SqlDatabase = {
      transaction: (work) => bench.database.sql.transaction(work),
      query: async (text, values) => {
        const answer = await bench.database.sql.query(text, values);
        if (!text.includes('pg_create_logical_replication_slot')) return answer as never;
        stopped = made.stop();
        await until(async () => (await made.status()).holder === null);
        return answer as never;
      },
    };
    const made = relay(true, bench.reader, slow);
    made.start();
    await until(() => stopped !== undefined);
    await stopped;

    expect(await slots()).toEqual([]);
  });

  it('M64 keeps publishing while an older relay still creates a slot, which that one drops', async () => {
    const writer = await bench.database.pool.connect();
    await writer.query('SET transaction_timeout = 0');
    await writer.query('BEGIN; SELECT pg_current_xact_id()'); // a slot waits for its end
    let stopped: Promise<void> | undefined;
    try {
      const older = relay(true);
      older.start();
      await until(async () => (await slots()).length === 1);
      stopped = older.stop();
      relay(false).start();
      await append(...range(1, 5));
      await until(() => bench.log.records.length === 5);
      expect(await slots()).toHaveLength(1);
    } finally {
      await writer.query('COMMIT');
      writer.release(true);
    }
    await stopped;

    expect(await slots()).toEqual([]);
  });

  it('M64 follows no other slot than the recorded one, whose rows before nobody has published', async () => {
    const made = relay(true);
    await handsOver(made);
    await append(...range(1, 10));
    await until(() => bench.log.records.length === 10);
    await isDone(made);
    await made.stop();
    await bench.reader.stop();
    await dropSlots();
    await append(...range(11, 20));
    const other = await createSlot();
    const next = relay(true);
    next.start();
    await append(...range(21, 25));
    await until(() => new Set(bench.log.numbers).size === 25);

    expect(firstOccurrences()).toEqual(range(1, 25));
    await until(async () => (await next.status()).follows);
    expect(await slots()).not.toContain(other);
  });

  it('M64 drops a slot that another relay has left beside the recorded one', async () => {
    const made = relay(true);
    await handsOver(made);
    await made.stop();
    const before = await slots();
    await createSlot();
    await handsOver(relay(true));

    await until(async () => (await slots()).join() === before.join());
  });

  it('M65 takes the outbox back while no worker answers, and a connector that comes back reads nothing', async () => {
    const made = relay(true);
    await handsOver(made);
    const [slot = ''] = await slots();
    await made.stop();
    await bench.reader.stop();
    bench.reader.problem = new Error('no worker answers');
    relay(false).start();
    await append(...range(1, 5));
    await until(() => bench.log.records.length === 5);
    expect(await publications()).toEqual([]);
    // A connector of Debezium's creates its slot again.
    await bench.database.pool.query(`SELECT pg_create_logical_replication_slot($1, 'pgoutput')`, [slot]);
    await append(...range(6, 10));
    await until(() => bench.log.records.length === 10);

    expect(await bench.reader.numbersIn(slot)).toEqual([]);
    expect(bench.log.numbers).toEqual(range(1, 10));
  });

  it('M65 replaces a slot whose publication somebody has dropped', async () => {
    const made = relay(true);
    await handsOver(made);
    const [slot = ''] = await slots();
    await bench.database.pool.query(`DROP PUBLICATION ${slot}`);
    await append(...range(1, 5));
    await until(() => new Set(bench.log.numbers).size === 5);

    expect(firstOccurrences()).toEqual(range(1, 5));
    await until(async () => (await made.status()).follows && !(await slots()).includes(slot));
  });

  it('has no failure any more once another relay has handed over, and it follows', async () => {
    bench.reader.problem = new Error('no Connect worker answers');
    const made = relay(true);
    made.start();
    await until(async () => (await made.status()).failure === bench.reader.problem);
    const slot = await createSlot();
    await bench.database.pool.query(`CREATE PUBLICATION ${slot} FOR TABLE outbox`);
    await bench.database.pool.query(
      `UPDATE relay_cursor SET delivery = 'connector', connector_slot = $1, epoch = epoch + 1, lease_until = '-infinity'`,
      [slot],
    );
    bench.reader.problem = undefined;

    await until(async () => {
      const { follows, failure } = await made.status();
      return follows && failure === undefined;
    });
  });

  it('M51 reads the cursor of exactly-once delivery also if it finds a slot that was left', async () => {
    await createSlot();
    await bench.database.sql.query(`UPDATE relay_cursor SET delivery = 'exactly-once'`);
    const made = relay(false);
    made.start();
    await append(1);
    await until(async () => (await made.status()).failure !== undefined);

    expect((await made.status()).failure?.message).toMatch('has published exactly once');
    expect(await slots()).toEqual([]);
    expect(bench.log.records).toEqual([]);
  });
});
