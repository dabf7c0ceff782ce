import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  createConsumerRuntime,
  type MessageHandler,
  type ConsumerRuntime,
} from '@millrace/streaming-core/consumer';
import { sharedStack, until } from '@millrace/test-support/stack';
import { KcatMember } from './kcat-member.ts';
import { PaymentRun } from './payment-run.ts';
import { insertPayment, paymentTopic } from './payments.ts';
import { StackLog } from './stack-log.ts';

const limitMs = 90_000;
const chunk = 60;

describe('G08 rebalance by arithmetic', () => {
  let run: PaymentRun;
  const members: ConsumerRuntime[] = [];

  afterEach(async () => {
    await Promise.all(members.splice(0).map((member) => member.stop()));
    await run.close();
  });

  /** Starts a consumer of the group, which writes a row to PostgreSQL for each payment. */
  function join(): Promise<void> {
    const handler: MessageHandler = {
      message: paymentTopic(run.topic, run.partitions).PaymentProcessed,
      async handle({ payment_id, amount }, { partition, offset, transaction }) {
        await transaction.query(insertPayment, [payment_id, amount, partition, offset]);
      },
    };
    const { groupId, topic } = run;
    const consumer = run.log.consumer({
      clientId: groupId,
      groupId,
      topics: [topic],
      fetchMaxWaitMs: 100,
      sessionTimeoutMs: 30_000,
    });
    const member = createConsumerRuntime({
      group: groupId,
      consumer,
      database: run.database.sql,
      handlers: [handler],
    });
    members.push(member);
    return member.start();
  }

  async function leave(): Promise<void> {
    await members.shift()?.stop();
  }

  const shares = () => members.map((member) => member.status().length).sort((one, other) => other - one);

  /**
   * Sends payments until the members share the partitions as expected, and then some more for the
   * new owners.
   */
  async function sharedAs(expected: readonly number[]): Promise<void> {
    await until(
      () => `the members to have the shares ${expected.join(', ')}; last seen: ${shares().join(', ')}`,
      limitMs,
      async () => {
        await run.send(chunk);
        return shares().join() === expected.join();
      },
    );
    await run.send(chunk);
  }

  async function everyPaymentOnce(): Promise<void> {
    await until(
      () => `${run.sent} payments to be handled`,
      limitMs,
      async () => (await run.counts()).effects >= run.sent,
    );
    expect(await run.counts()).toEqual({ sent: run.sent, effects: run.sent, lost: 0, repeated: 0 });
  }

  describe('orders with 6 partitions', () => {
    beforeEach(async () => {
      run = await PaymentRun.open(6);
    });

    it('are shared 2, 2, 2 by three consumers, 2, 2, 1, 1 by four, and 2, 2, 2 and 3, 3 as two leave (T3), and under load nothing is lost, handled twice or out of order', async () => {
      await Promise.all([join(), join(), join()]);
      await sharedAs([2, 2, 2]);
      await join();
      await sharedAs([2, 2, 1, 1]);
      await leave();
      await sharedAs([2, 2, 2]);
      await leave();
      await sharedAs([3, 3]);

      await everyPaymentOnce();
      expect(await outOfOrder(run)).toEqual([]);
    });
  });

  describe('user-events with 3 partitions', () => {
    beforeEach(async () => {
      run = await PaymentRun.open(3);
    });

    it('is shared by three consumers with one partition each', async () => {
      await Promise.all([join(), join(), join()]);
      await sharedAs([1, 1, 1]);
      await everyPaymentOnce();
    });
  });
});

describe('G08 rebalance by arithmetic, with foreign members', () => {
  const log = new StackLog(sharedStack());
  const members: KcatMember[] = [];
  afterEach(() => Promise.all(members.splice(0).map((member) => member.leave())));
  afterAll(() => log.close());

  const join = (topic: string, groupId: string) =>
    void members.push(
      new KcatMember(log.bootstrapServers, {
        name: `consumer-${members.length}`,
        groupId,
        topic,
        sessionTimeoutMs: 6_000,
      }),
    );
  const shares = () => members.map(({ owns }) => owns?.length).sort((one = 0, other = 0) => other - one);
  const sharedAs = (expected: readonly number[]) =>
    until(
      () => `the members to have the shares ${expected.join()}; last seen: ${shares().join()}`,
      limitMs,
      () => shares().join() === expected.join(),
    );

  it.each([
    ['leaves', 'leave'],
    ['dies', 'die'],
  ] as const)(
    'shares 6 partitions 2, 2, 2 among three consumers, 2, 2, 1, 1 when a fourth joins, 2, 2, 2 when one %s, and 3, 3 when another does',
    async (_, ends) => {
      const groupId = `order-processors-${randomUUID()}`;
      await log.newTopic('orders', 6);
      for (let member = 0; member < 3; member += 1) join('orders', groupId);
      await sharedAs([2, 2, 2]);
      join('orders', groupId);
      await sharedAs([2, 2, 1, 1]);
      await members.shift()?.[ends]();
      await sharedAs([2, 2, 2]);
      await members.shift()?.[ends]();
      await sharedAs([3, 3]);
    },
  );

  it('gives each of three consumers in analytics-group one of 3 partitions', async () => {
    await log.newTopic('user-events', 3);
    for (let member = 0; member < 3; member += 1) join('user-events', 'analytics-group');
    await sharedAs([1, 1, 1]);
  });
});

/**
 * Payments that were handled after a later one of the same partition. Within a partition, the rows
 * are in the order in which they were committed.
 */
async function outOfOrder({ database }: PaymentRun): Promise<readonly unknown[]> {
  const { rows } = await database.pool.query(`
    SELECT partition, log_offset FROM (
      SELECT partition, log_offset, lag(log_offset) OVER (PARTITION BY partition ORDER BY handled) AS before FROM payment
    ) AS pair WHERE before > log_offset`);
  return rows;
}
