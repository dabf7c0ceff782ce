import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createConsumerRuntime, type MessageHandler, type MonitoredConsumerRuntime } from '@millrace/streaming-core/consumer';
import { until } from '@millrace/testing/shop';
import { PaymentRun } from './payment-run.ts';
import { insertPayment, paymentTopic } from './payments.ts';

const limitMs = 90_000;
const chunk = 60;

describe('G08 rebalance by arithmetic', () => {
  let run: PaymentRun;
  const members: MonitoredConsumerRuntime[] = [];

  afterEach(async () => {
    await Promise.all(members.splice(0).map((member) => member.stop()));
    await run.close();
  });

  /** A consumer of the group, whose effect of a payment is a row in PostgreSQL. */
  function join(): Promise<void> {
    const handler: MessageHandler = {
      message: paymentTopic(run.topic, run.partitions).PaymentProcessed,
      async handle({ payment_id, amount }, { partition, offset, transaction }) {
        await transaction.query(insertPayment, [payment_id, amount, partition, offset]);
      },
    };
    const { groupId, topic } = run;
    const consumer = run.log.consumer({ clientId: groupId, groupId, topics: [topic], fetchMaxWaitMs: 100, sessionTimeoutMs: 30_000 });
    const member = createConsumerRuntime({ group: groupId, consumer, database: run.database.sql, handlers: [handler] });
    members.push(member);
    return member.start();
  }

  async function leave(): Promise<void> {
    await members.shift()?.stop();
  }

  const shares = () => members.map((member) => member.status().length).sort((one, other) => other - one);

  /** Sends payments until the members share the partitions like this, and then some more, so that the new owners have work. */
  async function sharedAs(expected: readonly number[]): Promise<void> {
    await until(
      () => `the shares ${expected.join(', ')}; last seen: ${shares().join(', ')}`,
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

    it('3 consumers have 2 each, a fourth joins: 2, 2, 1, 1, one leaves: 2, 2, 2, another: 3, 3 (T3); under load nothing lost, nothing handled twice, in order', async () => {
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

    it('gives 3 consumers one each', async () => {
      await Promise.all([join(), join(), join()]);
      await sharedAs([1, 1, 1]);
      await everyPaymentOnce();
    });
  });
});

/** Payments that were handled after a later one of their partition. Rows stand in the order of their transactions' commits within a partition. */
async function outOfOrder({ database }: PaymentRun): Promise<readonly unknown[]> {
  const { rows } = await database.pool.query(`
    SELECT partition, log_offset FROM (
      SELECT partition, log_offset, lag(log_offset) OVER (PARTITION BY partition ORDER BY handled) AS before FROM payment
    ) AS pair WHERE before > log_offset`);
  return rows;
}
