import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  holdTable,
  holdTopic,
  openShop,
  partitionsOf,
  PlacedOrder,
  problemsAfter,
  query,
  sharedAmong,
  StoryTeller,
  type Shop,
} from '@millrace/test-support/shop';
import { startStack, until, type TestStack } from '@millrace/test-support/stack';

/**
 * A step timeout longer than any answer here takes and longer than a relay waits between two
 * attempts, and no re-sends.
 */
const patience = { SAGA_STEP_TIMEOUT_MS: '8000', SAGA_STEP_RESENDS: '0' };

const ordersPlaced = 8;
const limitMs = 60_000;

describe('an outage longer than the step timeout', () => {
  let stack: TestStack;
  let teller: StoryTeller;
  let shop: Shop;

  beforeAll(async () => {
    stack = await startStack({ ...patience, LOG_LEVEL: 'error' }, { replicas: { order: 2 } });
    teller = new StoryTeller(stack.bootstrapServers);
    shop = await openShop(stack, teller, { stock: { lamp: 1_000 }, accounts: { ada: 10_000_00 } });
  });
  afterAll(async () => {
    await teller.close();
    await stack.stop();
  });

  const placed: PlacedOrder[] = [];
  const place = async (card?: string) => {
    const order = { customer: 'ada', lines: { lamp: 1 }, ...(card !== undefined && { card }) };
    const orders = await Promise.all(Array.from({ length: ordersPlaced }, () => shop.place(order)));
    placed.push(...orders);
    return orders;
  };
  const timersOf = (orders: readonly PlacedOrder[]) =>
    query(
      stack,
      'order',
      `SELECT saga_id, split_part(token, ':', 1) AS command, due_at::text, (due_at > clock_timestamp())::text AS waits FROM saga_timer WHERE saga_id = ANY($1)`,
      [orders.map(({ orderId }) => orderId)],
    );

  /**
   * Waits until every saga has requested its payment and the answer is on the log. The outbox of
   * the service that goes down next is then empty.
   */
  const paymentsWait = (orders: readonly PlacedOrder[]) =>
    until('a payment to wait for each order', limitMs, async () => {
      const timers = await timersOf(orders);
      const paid = await Promise.all(
        timers.map(async ({ saga_id, command }) =>
          (await teller.of(saga_id ?? '')).some(
            ({ type, causationId }) => type === 'PaymentProcessed' && causationId === command,
          ),
        ),
      );
      return timers.length === orders.length && paid.every(Boolean);
    });
  /** Waits until every timer is due and resolves to the timers. */
  const timersDue = async (orders: readonly PlacedOrder[]) => {
    let timers = await timersOf(orders);
    await until('every timer to be due', limitMs, async () =>
      (timers = await timersOf(orders)).every(({ waits }) => waits === 'false'),
    );
    return timers;
  };
  /**
   * Waits until every timer has a new time. The first may be due again before the last has been
   * moved.
   */
  const timersMoved = (orders: readonly PlacedOrder[], due: Awaited<ReturnType<typeof timersDue>>) => {
    const dueAt = new Map(due.map(({ saga_id, due_at }) => [saga_id, due_at]));
    return until('every timer to be moved', limitMs, async () =>
      (await timersOf(orders)).every(({ saga_id, due_at }) => due_at !== dueAt.get(saga_id)),
    );
  };

  /** Expects the orders to complete without a timeout or compensation, and the books to balance. */
  async function allComplete(orders: readonly PlacedOrder[]): Promise<void> {
    await Promise.all(orders.map((order) => order.endsAs('completed')));
    const givenUp = `SELECT stream, type FROM event WHERE stream LIKE 'saga-%' AND type IN ('StepTimedOut', 'CompensationStarted')`;
    expect(await query(stack, 'order', givenUp)).toEqual([]);
    expect(await problemsAfter(shop, placed)).toEqual([]);
    for (const order of orders) expect(await shop.mails(order)).toEqual(['order-completed']);
  }

  it('O07 of the order service cancels no order whose answer arrived meanwhile, even if reading the answers takes just as long', async () => {
    const letRead = await holdTopic(stack, 'order', 'payment-events');
    try {
      const orders = await place();
      await paymentsWait(orders);
      const bringBack = stack.takeDown('order', 'order-2');
      const due = await timersDue(orders).finally(bringBack);
      await timersMoved(orders, due);
      await timersDue(orders);
      await letRead();

      await allComplete(orders);
    } finally {
      await letRead();
    }
  });

  it('O08 of the broker cancels no order whose answer waits in the outbox of the service that gave it', async () => {
    const letCharge = await holdTable(stack, 'payment', 'provider_charge');
    try {
      const orders = await place('tok_approve');
      const ids = orders.map(({ orderId }) => `${orderId}:pay`);
      const asked = 'SELECT key FROM external_call WHERE key = ANY($1)';
      await until(
        'the provider to be asked for each',
        limitMs,
        async () => (await query(stack, 'payment', asked, [ids])).length === ids.length,
      );
      const bringBack = stack.takeDown('broker');
      const wakeUp: (() => void)[] = [];
      try {
        await letCharge();
        const answers = `SELECT key FROM outbox WHERE type = 'PaymentProcessed' AND key = ANY($1) AND position > (SELECT position FROM relay_cursor)`;
        const waiting = () => query(stack, 'payment', answers, [orders.map(({ orderId }) => orderId)]);
        await until(
          'an answer to wait for each',
          limitMs,
          async () => (await waiting()).length === orders.length,
        );
        const due = await timersDue(orders);
        expect(await waiting()).toHaveLength(orders.length);
        // With payment paused, the order service reads the rest of the log before the answers.
        wakeUp.push(stack.pause('payment'));
        await bringBack();
        await timersMoved(orders, due);
      } finally {
        wakeUp.forEach((wake) => wake());
        await bringBack();
      }

      await allComplete(orders);
    } finally {
      await letCharge();
    }
  });

  it('O09 of the process that owned the timers cancels no order, because another process takes them over and the paused one is fenced off', async () => {
    const epochs = async (): Promise<Readonly<Record<string, number>>> =>
      Object.fromEntries(
        (
          await query(
            stack,
            'order',
            `SELECT partition::text, assignment_epoch FROM consumer_offset WHERE topic = 'order-events'`,
          )
        ).map((row) => [row.partition, Number(row.assignment_epoch)]),
      );
    const all = await sharedAmong(stack, 'order', ['order', 'order-2']);
    const before = await epochs();
    const letRead = await holdTopic(stack, 'order', 'payment-events');
    try {
      const orders = await place();
      await paymentsWait(orders);
      const wakeUp = stack.pause('order'); // in the middle of handling some of the replies
      try {
        await timersDue(orders);
        await letRead();
        await until(
          'the other process to own every partition',
          limitMs,
          async () => (await partitionsOf(stack, 'order-2')) === all,
        );
        await allComplete(throughTheOther(orders));
      } finally {
        wakeUp();
      }
      // The paused process has noticed and joined again.
      await sharedAmong(stack, 'order', ['order', 'order-2']);
      const raised = Object.entries(await epochs()).filter(
        ([partition, epoch]) => epoch > (before[partition] ?? 0),
      );
      expect(raised.length).toBeGreaterThan(0);

      await allComplete([...orders, ...(await place())]);
    } finally {
      await letRead();
    }
  });

  const throughTheOther = (orders: readonly PlacedOrder[]) => {
    const places = { ...stack, urls: { ...stack.urls, order: stack.instances['order-2'] ?? '' } };
    return orders.map(({ orderId }) => new PlacedOrder(places, teller, orderId));
  };
});
