import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Addresses, replicasFor, withLag } from '@millrace/operations/client';
import { systemClock } from '@millrace/streaming-core/runtime';
import { openShop, query, StoryTeller, type Shop } from '@millrace/test-support/shop';
import { startStack, until, type TestStack } from '@millrace/test-support/stack';
import { machine, say, today, writePage } from '../../report.ts';
import { products, stock } from '../../saga/load.ts';
import { OrderEnds } from '../../saga/order-ends.ts';
import type { BacklogBenchOptions } from '../options.ts';
import { backlogNumbers, inOneLine, type BacklogMeasured } from './page.ts';
import { lagOf, PaymentGroup } from './payment-group.ts';

const inFlight = 16;
const warmUpOrders = 60;
/** Slack beyond the time that the charges take one after another. */
const limitMsMin = 120_000;
/** The provider answers for the slow card after so long. */
const chargeMs = 2_000;
/** As many processes as a topic has partitions. */
const limits = { replicasMin: 1, replicasMax: 6 };

/**
 * Lets a backlog grow while payment is stopped, and measures how long one process and as many as
 * KEDA's formula asks for take with it, in turns.
 */
export async function runBacklogBench(options: BacklogBenchOptions): Promise<void> {
  say('starting a stack with data in a temporary folder');
  const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-'));
  const config = join(folder, 'broker.properties');
  // As in Apache Kafka: the processes that start together share the partitions from the beginning.
  await writeFile(config, 'group.initial.rebalance.delay.ms=3000\n');
  const stack = await startStack({
    LOG_LEVEL: 'warn',
    BROKER_CONFIG: config,
    SAGA_STEP_TIMEOUT_MS: '3600000',
  });
  const teller = new StoryTeller(stack.bootstrapServers);
  const ends = await OrderEnds.open(stack.bootstrapServers);
  try {
    const shop = await openShop(stack, teller, { stock: stock.stock, accounts: {} });
    const measured = await measure(options, stack, new CardOrders(shop, ends));
    const numbers = backlogNumbers(measured, factsOf(options));
    say(`\n${numbers}`);
    if (options.write) await writePage('scale', numbers, 'backlog');
  } finally {
    await Promise.all([ends.close(), teller.close()]);
    await stack.stop();
    await rm(folder, { recursive: true });
  }
}

/** Orders that are paid by card, each of one product. */
class CardOrders {
  readonly #shop: Shop;
  readonly #ends: OrderEnds;

  constructor(shop: Shop, ends: OrderEnds) {
    this.#shop = shop;
    this.#ends = ends;
  }

  /** Resolves to the ids of the orders. */
  async place(orders: number, card: string): Promise<readonly string[]> {
    const ids: string[] = [];
    let left = orders;
    const client = async () => {
      while (left-- > 0) {
        const name = products[left % products.length] ?? '';
        ids.push((await this.#shop.place({ customer: name, lines: { [name]: 1 }, card })).orderId);
      }
    };
    await Promise.all(Array.from({ length: Math.min(inFlight, orders) }, client));
    return ids;
  }

  async complete(ids: readonly string[]): Promise<void> {
    const ended = await Promise.all(ids.map((id) => this.#ends.of(id, limitMsMin)));
    const cancelled = ended.filter(({ as }) => as === 'cancelled').length;
    if (cancelled > 0)
      throw new Error(`${cancelled} of ${ids.length} orders were cancelled: they are not comparable`);
  }
}

async function measure(
  options: BacklogBenchOptions,
  stack: TestStack,
  orders: CardOrders,
): Promise<readonly BacklogMeasured[]> {
  say('warming up');
  await orders.complete(await orders.place(warmUpOrders, 'tok_approve'));
  const addresses = new Addresses({
    given: { data: stack.dataFolder },
    environment: {},
    workspace: process.cwd(),
    clientId: 'bench',
    clock: systemClock,
  });
  return withLag(addresses.cluster(), async (admin, reader) => {
    const local = addresses.stack('start the bench again');
    const payment = await PaymentGroup.takeOver(stack, local, { admin, reader });
    const measured: BacklogMeasured[] = [];
    for (let turn = 0; turn < 2 * options.rounds; turn++) {
      const taken = await takeBacklog({ stack, payment, orders, options, isAlone: turn % 2 === 0 });
      measured.push(taken);
      say(inOneLine(taken));
    }
    return measured;
  });
}

interface Turn {
  readonly stack: TestStack;
  readonly payment: PaymentGroup;
  readonly orders: CardOrders;
  readonly options: BacklogBenchOptions;
  /** Whether one process takes the backlog, whatever the formula asks for. */
  readonly isAlone: boolean;
}

async function takeBacklog({ stack, payment, orders, options, isAlone }: Turn): Promise<BacklogMeasured> {
  const limitMs = limitMsMin + options.backlog * chargeMs;
  const ids = await orders.place(options.backlog, 'tok_slow');
  const backlog = await payment.backlog(ids.length, limitMs);
  const lag = lagOf(backlog);
  const wanted = replicasFor(lag, { ...limits, lagThreshold: options['lag-threshold'] });
  if (wanted === 1)
    throw new Error(`a lag of ${lag} asks for one process: raise --backlog or lower --lag-threshold`);
  const processes = isAlone ? 1 : wanted;
  const since = new Date();
  const startedAt = performance.now();
  const passed = () => (performance.now() - startedAt) / 1_000;
  const [readSeconds] = await Promise.all([
    payment.hasRead(backlog, limitMs).then(passed),
    payment.start(processes),
  ]);
  await until('all cards to be charged', limitMs, async () => {
    const [waiting] = await query(stack, 'payment', 'SELECT 1 FROM external_call LIMIT 1');
    return waiting === undefined;
  });
  const chargedSeconds = passed();
  const handled = await payment.handled();
  await orders.complete(ids);
  await payment.leave();
  const callSecondsP50 = await medianCharge(stack, since, ids.length);
  return { processes, orders: ids.length, lag, readSeconds, chargedSeconds, handled, callSecondsP50 };
}

/** From the provider's books until payment has recorded the answer. */
const charges = `
  SELECT count(*) AS charges,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM paid.recorded_at - charge.charged_at)) AS seconds
  FROM provider_charge charge
  JOIN event paid ON paid.stream = 'payment-' || split_part(charge.key, ':', 1) AND paid.type = 'PaymentProcessed'
  WHERE charge.charged_at >= $1`;

async function medianCharge(stack: TestStack, since: Date, orders: number): Promise<number> {
  const [row] = await query(stack, 'payment', charges, [since]);
  if (Number(row?.charges) !== orders)
    throw new Error(`payment has charged ${row?.charges} cards for ${orders} orders`);
  return Number(row?.seconds);
}

const factsOf = ({ backlog, rounds, write, 'lag-threshold': lagThreshold }: BacklogBenchOptions) => ({
  machine: machine(),
  date: today(),
  command:
    `npm run bench -- scale --backlog ${backlog} --lag-threshold ${lagThreshold} --rounds ${rounds}` +
    (write ? ' --write' : ''),
  orders: backlog,
  lagThreshold,
});
