import { describe, expect, it } from '@jest/globals';
import { pgDatabase, type SqlDatabase, type SqlTransaction } from '../../postgres/index.ts';
import { appendToOutbox } from './append.ts';
import { range, relayBench, sample, until } from './relay.bench.ts';
import type { Relay } from './relay.ts';
import type { RelayOptions } from './relay-loop.ts';
import { outboxAfter } from './relay.sql.ts';

const rarely = { pollDelayMsMin: 600_000, pollDelayMsMax: 600_000 };

describe('M52 a relay in the process that commits', () => {
  const bench = relayBench();
  const { relay, append } = bench;

  /** Starts a relay that reads only when it has to, and counts its reads once it is idle. */
  async function startRelay(limits: RelayOptions['limits'] = {}) {
    let reads = 0;
    const database: SqlDatabase = {
      async query(text, values) {
        const result = await bench.database.sql.query(text, values);
        if (text === outboxAfter) reads += 1;
        return result as never;
      },
      transaction: (work) => bench.database.sql.transaction(work),
    };
    const started = relay({ database, limits: { ...rarely, ...limits } });
    started.start();
    await until(() => reads >= 1);
    reads = 0;
    return { started, reads: () => reads };
  }

  const write = (transaction: SqlTransaction, numbers: readonly number[]) =>
    appendToOutbox(
      transaction,
      numbers.map((number) => sample(number)),
    );
  const beside = (local: Relay) => pgDatabase(bench.database.pool, () => local);
  /** Commits rows in the relay's process, and returns the names of the workers to wake. */
  const commitBeside = (local: Relay, ...numbers: number[]) =>
    beside(local).transaction(async (transaction) => {
      await write(transaction, numbers);
      return transaction.workersToWake;
    });
  async function published(count: number): Promise<void> {
    await until(() => bench.log.records.length >= count).catch(() => undefined);
    expect(bench.log.records).toHaveLength(count);
  }

  it('publishes rows of its process without reading them, exactly as they are stored', async () => {
    const { started, reads } = await startRelay();
    const left = await commitBeside(started, 1, 2);
    await commitBeside(started, 3);
    await published(3);
    const first = [...bench.log.records];
    await until(async () => (await started.status()).oldestUnpublishedAgeMs === null);
    await started.stop();
    await bench.database.sql.query(
      `UPDATE relay_cursor SET position = position - 3, lease_until = '-infinity'`,
    );
    relay().start();
    await published(6);

    expect(reads()).toBe(0);
    expect(left).toEqual(new Set());
    expect(bench.log.numbers).toEqual([1, 2, 3, 1, 2, 3]);
    expect(bench.log.records.slice(3)).toEqual(first);
  });

  it('publishes no row of a transaction that rolls back', async () => {
    const { started } = await startRelay();
    const failed = beside(started).transaction(async (transaction) => {
      await write(transaction, [1]);
      throw new Error('no');
    });
    await expect(failed).rejects.toThrow('no');
    await commitBeside(started, 2);
    await published(1);

    expect(bench.log.numbers).toEqual([2]);
  });

  it('reads the outbox if another process has committed rows in between', async () => {
    const { started } = await startRelay();
    await append(1, 2);
    await commitBeside(started, 3);
    await append(4);
    await commitBeside(started, 5);
    await published(5);

    expect(bench.log.numbers).toEqual(range(1, 5));
  });

  it('holds back rows that follow those of an open transaction', async () => {
    const { started } = await startRelay({ pollDelayMsMin: 1, pollDelayMsMax: 1 });
    await beside(started).transaction(async (transaction) => {
      await write(transaction, [1]);
      await commitBeside(started, 2);
      await until(async () => (await started.status()).hole !== undefined);
      expect(bench.log.records).toEqual([]);
    });
    await published(2);

    expect(bench.log.numbers).toEqual([1, 2]);
  });

  it('reads the outbox after a hint that comes together with rows of its own', async () => {
    const { started, reads } = await startRelay();
    const hinted = {
      inCharge: true,
      take(rows: Parameters<Relay['take']>[0]) {
        started.take(rows);
        started.notify();
      },
    };
    await pgDatabase(bench.database.pool, () => hinted).transaction(async (transaction) => {
      await write(transaction, [1]);
      await append(2);
    });
    await published(2);

    expect(bench.log.numbers).toEqual([1, 2]);
    expect(reads()).toBe(1);
  });

  it('reads rows that exceed the limits of its memory', async () => {
    const { started, reads } = await startRelay({ batchRowsMax: 5 });
    await commitBeside(started, ...range(1, 12));
    await published(12);

    expect(bench.log.numbers).toEqual(range(1, 12));
    expect(reads()).toBe(3);
  });

  it('leaves the rows to the relay that has the lease if it has none', async () => {
    const standby = relay();
    const left = await commitBeside(standby, 1);

    expect(left).toEqual(new Set([standby.worker]));
  });
});
