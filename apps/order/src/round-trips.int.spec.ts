import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { transactionsSentDuring, type SentTransaction } from '@millrace/testing/postgres';
import { until } from '@millrace/testing/service';
import { address, openOrder, type OrderFixture } from './order.fixture.ts';
import { participants } from './participants.fixture.ts';

let order: OrderFixture;
beforeAll(async () => {
  order = await openOrder();
});
afterAll(() => order.close());

const { says } = participants(() => order);
const contains = (part: RegExp) => (sent: SentTransaction) =>
  sent.statements.some((statement) => part.test(statement));
/** A process reads at most once a second what operators hold back, in the transaction that sends a command. */
const readsHolds = contains(/FROM saga_hold/);
/** The round trips of each transaction, without the one that reads what operators hold back. */
const roundTripsOf = (part: RegExp, sent: readonly SentTransaction[]) =>
  sent.filter(contains(part)).map((each) => each.roundTrips - (readsHolds(each) ? 1 : 0));

/** Waits until the saga has come to a step, and for its transaction to end. */
const awaits = (orderId: string, step: string) =>
  until(
    async () =>
      (
        await order.database.sql.query<{ step: string | null }>(
          'SELECT step FROM saga_instance WHERE saga_id = $1',
          [orderId],
        )
      ).rows[0]?.step,
    (found) => found === step,
  );

const adopted = (orderId: string) =>
  until(
    async () =>
      (
        await order.database.sql.query(
          'SELECT FROM saga_timer WHERE saga_id = $1 AND partition IS NOT NULL',
          [orderId],
        )
      ).rowCount,
    (timers) => timers === 1,
  );

describe('an order that comes alone', () => {
  it('takes two round trips for each message of its saga, and one more at most once a second', async () => {
    const startedAt = performance.now();
    let readingHolds = 0;
    const lines = [{ sku: await order.product(12_50), quantity: 2 }];
    let orderId = '';
    const placing = await transactionsSentDuring(async () => {
      const { body } = await order.order({ lines });
      orderId = String(body.orderId);
      await adopted(orderId);
    });
    expect(roundTripsOf(/partition = adopted\.partition/, placing)).toEqual([2]);
    const takes = async (say: (orderId: string) => Promise<void>, next: string) => {
      const sent = await transactionsSentDuring(async () => {
        await say(orderId);
        await awaits(orderId, next);
      });
      readingHolds += sent.filter(readsHolds).length;
      return roundTripsOf(/record_events|append_to_stream/, sent);
    };
    expect(await takes(says.reserved, 'pay')).toEqual([2]);
    expect(await takes(says.paid, 'ship')).toEqual([2]);
    expect(await takes(says.scheduled, 'commit')).toEqual([2]);
    expect(readingHolds).toBeLessThanOrEqual(1 + Math.floor((performance.now() - startedAt) / 1_000));
  });

  it('takes four round trips for a request with an idempotency key', async () => {
    const lines = [{ sku: await order.product(12_50), quantity: 2 }];
    await order.order({ lines });
    const sent = await transactionsSentDuring(() =>
      order.call(
        'POST',
        '/orders',
        { customerId: 'ada', shippingAddress: address, lines },
        { 'idempotency-key': randomUUID() },
      ),
    );
    expect(roundTripsOf(/claim_idempotency_key/, sent)).toEqual([4]);
  });
});
