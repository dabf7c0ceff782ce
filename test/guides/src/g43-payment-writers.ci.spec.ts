import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readTopic } from '@millrace/testing/kcat';
import { until } from '@millrace/test-support/stack';
import { PaymentRun } from './payment-run.ts';
import type { ExactlyOnceTask } from './programs/exactly-once-consumer.ts';
import { killPrograms, startProgram, type Program } from './programs/start-program.ts';

const partitions = 6;
const chunk = 40;
const progressLimitMs = 60_000;

/**
 * Reads in one snapshot, for each partition: the group's next offset, the number of payments, and
 * the number of payments below that offset. The three are equal if each payment was committed in
 * one transaction with its offset.
 */
const positions = `
  SELECT o.partition, o.next_offset::integer AS next, count(p.log_offset)::integer AS rows,
    count(DISTINCT p.log_offset) FILTER (WHERE p.log_offset < o.next_offset)::integer AS below
  FROM consumer_offset o LEFT JOIN payment p ON p.partition = o.partition
  WHERE o.consumer_group = $1 GROUP BY o.partition, o.next_offset ORDER BY o.partition`;

interface Position {
  readonly partition: number;
  readonly next: number;
  readonly rows: number;
  readonly below: number;
}

describe('G43 a consumer group for payment events with exactly-once writes to PostgreSQL', () => {
  let run: PaymentRun;
  let epochsRaised = 0;
  const torn: Position[] = [];
  let looks = 0;

  const writer = (groupInstanceId?: string): Program => {
    const task: ExactlyOnceTask = { ...run.task, groupInstanceId };
    return startProgram('exactly-once-consumer.ts', task);
  };
  const look = async (): Promise<readonly Position[]> => {
    const { rows } = await run.database.pool.query<Position>(positions, [run.groupId]);
    looks += 1;
    torn.push(...rows.filter(({ next, rows: payments, below }) => payments !== next || below !== next));
    return rows;
  };
  const handled = async () => (await look()).reduce((sum, { rows }) => sum + rows, 0);

  /** Sends until every partition has moved past its present offset, so every owner works. */
  async function everyPartitionMoves(): Promise<void> {
    const before = new Map((await look()).map(({ partition, next }) => [partition, next]));
    await until('every partition to move on', progressLimitMs, async () => {
      await run.send(chunk);
      const now = await look();
      return (
        now.length === partitions && now.every(({ partition, next }) => next > (before.get(partition) ?? 0))
      );
    });
  }

  const epochs = async () => {
    const { rows } = await run.database.pool.query<{ raised: number }>(
      'SELECT coalesce(sum(assignment_epoch), 0)::integer AS raised FROM consumer_offset',
    );
    return rows[0]?.raised ?? 0;
  };

  /**
   * Makes the change and waits until partitions have new owners. Otherwise a member that starts
   * slowly would join during the next change.
   */
  async function changesHands(change: () => unknown): Promise<void> {
    const before = await epochs();
    await change();
    await until('partitions to change hands', progressLimitMs, async () => (await epochs()) > before);
    await everyPartitionMoves();
  }

  beforeAll(async () => {
    run = await PaymentRun.open(partitions);
    const writers: Program[] = [];
    for (const name of ['writer-1', undefined, undefined])
      await changesHands(() => writers.push(writer(name)));
    const [named, second, third] = writers as [Program, Program, Program];

    named.kill('SIGKILL');
    await named.ended;
    await changesHands(() => writer('writer-1')); // returns under its name
    await changesHands(() => writer()); // joins, which causes a rebalance
    // The others get its partitions when its session ends.
    await changesHands(() => second.kill('SIGKILL'));
    await changesHands(async () => {
      third.kill('SIGTERM'); // leaves, which causes a rebalance
      await third.ended;
    });

    await until(
      () => `${run.sent} payments to be handled`,
      progressLimitMs,
      async () => (await handled()) >= run.sent,
    );
    epochsRaised = await epochs();
  }, 240_000);
  afterAll(async () => {
    await killPrograms();
    await run.close();
  });

  it('writes each payment row once through kill -9 and rebalances', async () => {
    expect(await run.counts()).toEqual({ sent: run.sent, effects: run.sent, lost: 0, repeated: 0 });
    expect(epochsRaised).toBeGreaterThan(2 * partitions); // so partitions did change owners
  });

  it('writes the offset in the same transaction: every snapshot shows exactly the payments below it', async () => {
    expect(torn).toEqual([]);
    expect(looks).toBeGreaterThan(10);
  });

  it('stores exactly the payments that a foreign client reads from the log', async () => {
    const records = await readTopic(run.log.bootstrapServers, run.topic);
    const { rows } = await run.database.pool.query<{ place: string }>(
      `SELECT payment_id || '@' || partition || '/' || log_offset AS place FROM payment`,
    );

    expect(rows.map(({ place }) => place).sort()).toEqual(
      records.map(({ key, partition, offset }) => `${key}@${partition}/${offset}`).sort(),
    );
  });
});
