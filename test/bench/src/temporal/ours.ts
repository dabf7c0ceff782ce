import {
  holdTable,
  openShop,
  query,
  StoryTeller,
  type PlacedOrder,
  type Shop,
} from '@millrace/test-support/shop';
import { startStack, until, type TestStack } from '@millrace/test-support/stack';
import { sagaView } from '@millrace/operations/contract';
import { round } from '../numbers.ts';
import { Load, stock } from '../saga/load.ts';
import { cpuOf, sumOf } from '../saga/measure.ts';
import { OrderEnds } from '../saga/order-ends.ts';
import { failingSeconds, warmUpOrders, type TemporalBenchOptions } from './options.ts';
import { phaseOf, type Failing, type Phase, type Refunds, type Side } from './page.ts';

/** Runs the orders of both loops on this system, and two orders whose refund fails. */
export async function measureOurs({
  rate,
  seconds,
  concurrency,
  orders,
}: TemporalBenchOptions): Promise<Side> {
  const stack = await startStack({ LOG_LEVEL: 'error' });
  const teller = new StoryTeller(stack.bootstrapServers);
  const ends = await OrderEnds.open(stack.bootstrapServers);
  try {
    const shop = await openShop(stack, teller, stock);
    const load = new Load(shop, ends);
    await load.closedLoop(concurrency, warmUpOrders);
    const phase = async (name: string, run: () => ReturnType<Load['openLoop']>): Promise<Phase> => {
      const before = serverCpuMs(stack);
      const { orders: ended, seconds: took } = await run();
      return phaseOf(name, { ended, seconds: took, cpuMs: serverCpuMs(stack) - before });
    };
    const phases = [
      await phase(`${rate} per second`, () => load.openLoop(rate, seconds)),
      await phase(`${concurrency} in flight`, () => load.closedLoop(concurrency, orders)),
    ];
    return { phases, failing: [await failing(stack, shop, 'down'), await failing(stack, shop, 'refuses')] };
  } finally {
    await Promise.all([ends.close(), teller.close()]);
    await stack.stop();
  }
}

const serverCpuMs = (stack: TestStack): number =>
  sumOf([...cpuOf(stack)].filter(([part]) => part !== 'bench client').map(([, ms]) => ms)) ?? Number.NaN;

/** Places an order that is compensated while the provider fails, looks at it, and lets the provider work again. */
async function failing(stack: TestStack, shop: Shop, refunds: Refunds): Promise<Failing> {
  const letRefund = await holdTable(stack, 'payment', 'provider_refund');
  const order = await shop.place({
    customer: 'customer0',
    lines: { product0: 1 },
    postcode: '00000',
    card: 'tok_approve',
  });
  const charge = (outcome: string) =>
    query(stack, 'payment', 'UPDATE provider_charge SET outcome = $2 WHERE key = $1', [
      `${order.orderId}:pay`,
      outcome,
    ]);
  try {
    await refundIsOnItsWay(order);
    // The simulated provider refunds no charge that it has declined.
    if (refunds === 'refuses') {
      await charge('declined');
      await letRefund();
    }
    await new Promise((resolve) => setTimeout(resolve, failingSeconds * 1_000));
    const answer = await fetch(`${stack.operators?.order}/ops/sagas/fulfillment/${order.orderId}`);
    const { status, waitsFor } = sagaView.parse(await answer.json());
    const [call] = await query(
      stack,
      'payment',
      'SELECT attempts, last_error FROM external_call ORDER BY id DESC LIMIT 1',
    );
    const waits = waitsFor.map(({ step, role, why }) => `${step} (${role}): ${why}`).join('; ');
    const during = `${status}; waits for ${waits}; call to the provider: ${call?.attempts ?? 0} attempts, ${call?.last_error ?? 'no error yet'}`;
    if (refunds === 'refuses') await charge('approved');
    await letRefund();
    const healedAt = performance.now();
    const { status: end } = await order.ended();
    const story = (await order.story()).filter((type) => !type.startsWith('Order'));
    return {
      refunds,
      during,
      end,
      secondsToEnd: round((performance.now() - healedAt) / 1_000),
      effects: story,
    };
  } finally {
    await letRefund();
  }
}

const refundIsOnItsWay = (order: PlacedOrder): Promise<void> =>
  until('the refund to be sent', 30_000, async () =>
    ((await order.saga())?.compensations ?? []).some(
      ({ name, status }) => name === 'pay' && status === 'sent',
    ),
  );
