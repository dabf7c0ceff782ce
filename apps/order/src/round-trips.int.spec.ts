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

const { accepts } = participants(() => order);
const contains = (part: RegExp) => (sent: SentTransaction) =>
  sent.statements.some((statement) => part.test(statement));
/** A process reads at most once a second what operators hold back, in the transaction that sends a command. */
const readsHolds = contains(/FROM saga_hold/);
/** The round trips of each transaction, without the one that reads what operators hold back. */
const roundTripsOf = (part: RegExp, sent: readonly SentTransaction[]) =>
  sent.filter(contains(part)).map((each) => each.roundTrips - (readsHolds(each) ? 1 : 0));

/** The step that the saga waits for. */
const stepOf = async (orderId: string) =>
  (
    await order.database.sql.query<{ step: string | null }>(
      'SELECT step FROM saga_instance WHERE saga_id = $1',
      [orderId],
    )
  ).rows[0]?.step;

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
    for (const accept of accepts) {
      const accepted = await stepOf(orderId);
      const sent = await transactionsSentDuring(async () => {
        await accept(orderId);
        await until(
          () => stepOf(orderId),
          (step) => step !== accepted,
        );
      });
      readingHolds += sent.filter(readsHolds).length;
      expect(roundTripsOf(/record_events|append_to_stream/, sent)).toEqual([2]);
    }
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
