import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  holdTable,
  holdTopic,
  openShop,
  orderStyles,
  partitionsOf,
  PlacedOrder,
  problemsAfter,
  query,
  sharedAmong,
  StoryTeller,
  type LetGo,
  type Shop,
} from '@millrace/test-support/shop';
import { startStack, until, type TestStack } from '@millrace/test-support/stack';

/**
 * A step timeout and a deadline longer than any answer here takes and longer than a relay waits between
 * two attempts, and no re-sends.
 */
const patience = { SAGA_STEP_TIMEOUT_MS: '8000', SAGA_STEP_RESENDS: '0', ORDER_DEADLINE_MS: '8000' };

const ordersPlaced = 8;
const limitMs = 60_000;

describe('an outage longer than a step or a choreographed order may take', () => {
  let stack: TestStack;
  let teller: StoryTeller;
  let shop: Shop;

  beforeAll(async () => {
    // Each of the twelve partitions with held answers keeps a connection of the process that takes it over.
    const env = { ...patience, ORDER_DATABASE_POOL_SIZE: '20', LOG_LEVEL: 'error' };
    stack = await startStack(env, { replicas: { order: 2 } });
    teller = new StoryTeller(stack.bootstrapServers);
    shop = await openShop(stack, teller, { stock: { lamp: 1_000 }, accounts: { ada: 10_000_00 } });
  });
  afterAll(async () => {
    await teller.close();
    await stack.stop();
  });

  const placed: PlacedOrder[] = [];
  /** Places orders of both styles. */
  const place = async (card?: string) => {
    const order = { customer: 'ada', lines: { lamp: 1 }, ...(card !== undefined && { card }) };
    const wanted = Array.from({ length: ordersPlaced / 2 }, () => orderStyles).flat();
    const orders = await Promise.all(wanted.map((style) => shop.place({ ...order, style })));
    placed.push(...orders);
    return orders;
  };
  const timersOf = (orders: readonly PlacedOrder[]) =>
    query(
      stack,
      'order',
      `SELECT saga_id, due_at::text, (due_at > clock_timestamp())::text AS waits FROM saga_timer WHERE saga_id = ANY($1)`,
      [orders.map(({ orderId }) => orderId)],
    );

  /** Holds the answers for which the orders wait: a saga reads that of payment, and a choreography that of shipping. */
  const holdAnswers = async (): Promise<LetGo> => {
    const held = [
      await holdTopic(stack, 'order', 'payment-events'),
      await holdTopic(stack, 'order', 'shipping-events'),
    ];
    return async () => {
      for (const letGo of held) await letGo();
    };
  };

  /**
   * Waits until every payment and the shipments of the choreographed orders are on the log. The outbox
   * of the service that goes down next is then empty.
   */
  const answersWait = (orders: readonly PlacedOrder[]) => {
    let seen = 'nothing seen';
    return until(
      () => `an answer to wait for each order: ${seen}`,
      limitMs,
      async () => {
        const timers = await timersOf(orders);
        const stories = await Promise.all(orders.map((order) => order.story()));
        const count = (type: string) => stories.filter((story) => story.includes(type)).length;
        const paid = count('PaymentProcessed');
        const shipped = count('ShipmentScheduled');
        seen = `${timers.length} timers, ${paid} payments, ${shipped} shipments`;
        return timers.length === ordersPlaced && paid === ordersPlaced && shipped === ordersPlaced / 2;
      },
    );
  };
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

  /** Expects the orders to complete without a timer that fires or a compensation, and the books to balance. */
  async function allComplete(orders: readonly PlacedOrder[]): Promise<void> {
    await Promise.all(orders.map((order) => order.endsAs('completed')));
    const givenUp = `SELECT stream, type FROM event WHERE type IN ('StepTimedOut', 'CompensationStarted', 'DetailsRepeated', 'ChoreographyFailed')`;
    expect(await query(stack, 'order', givenUp)).toEqual([]);
    expect(await problemsAfter(shop, placed)).toEqual([]);
    for (const order of orders) expect(await shop.mails(order)).toEqual(['order-completed']);
  }

  it('O07 of the order service cancels no order whose answer arrived meanwhile, even if reading the answers takes just as long', async () => {
    const letRead = await holdAnswers();
    try {
      const orders = await place();
      await answersWait(orders);
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
    const letRead = await holdAnswers();
    try {
      const orders = await place();
      await answersWait(orders);
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

  it('O12 W10 of payment and shipping ends the orders that wait for them, and what they do later is undone', async () => {
    const bringBack = stack.takeDown('payment', 'shipping');
    const orders = await place();
    await until('every order to fail', limitMs, async () => {
      const sagas = await Promise.all(orders.map((order) => order.saga()));
      return sagas.every((saga) => saga?.status === 'compensating');
    }).finally(bringBack);

    for (const order of orders) await order.endsAs('cancelled', 'step_timeout');
    expect(await problemsAfter(shop, placed)).toEqual([]);
  });

  const throughTheOther = (orders: readonly PlacedOrder[]) => {
    const places = { ...stack, urls: { ...stack.urls, order: stack.instances['order-2'] ?? '' } };
    return orders.map(({ orderId }) => new PlacedOrder(places, teller, orderId));
  };
});
