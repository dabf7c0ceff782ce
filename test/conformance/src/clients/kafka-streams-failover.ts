import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import type { ConformanceCase } from '../conformance-case.ts';
import { kcatCommand, produce } from './kcat-commands.ts';

const minuteMs = 60_000;
const customers = { ada: 'uk', alan: 'uk', grace: 'us', edsger: 'nl', tony: 'uk' };
const countries = { uk: 'Britain', us: 'America', nl: 'Holland' };

interface Order {
  readonly customer: keyof typeof customers;
  readonly amount: number;
  readonly time: number;
}

/** Generates two orders for each second of event time. */
const ordersFrom = (startedAt: number): readonly Order[] =>
  Array.from({ length: 800 }, (_, index) => {
    const names = Object.keys(customers) as readonly (keyof typeof customers)[];
    return {
      customer: names[index % names.length] ?? 'ada',
      amount: 1 + (index % 7),
      time: startedAt + index * 500,
    };
  });

/** The turnover by country and window that the program has to compute. */
function turnoverOf(orders: readonly Order[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { customer, amount, time } of orders) {
    const window = `${countries[customers[customer] as keyof typeof countries]}@${time - (time % minuteMs)}`;
    sums.set(window, (sums.get(window) ?? 0) + amount);
  }
  return sums;
}

/**
 * Runs two instances of `Turnover.java`. One is killed and comes back without its state, then the
 * other one leaves.
 */
export const streamsFailover = (
  start: (...args: readonly string[]) => readonly string[],
): ConformanceCase => ({
  name: 'joins and windows with exactly_once_v2 and standby replicas: two instances, one killed, its state lost',
  limitMs: 240_000,
  async run(context) {
    const topics = [await context.topic('orders', { partitions: 2 }), await context.topic('customers', { partitions: 2 }), await context.topic('countries'), await context.topic('turnover', { partitions: 2 })] as const; // prettier-ignore
    const [ordersTopic, customersTopic, countriesTopic, output] = topics;
    const orders = ordersFrom(Date.now() - (Date.now() % minuteMs) - 10 * minuteMs);
    const launch = async () =>
      context.start(start(context.bootstrapServers, context.name('app'), ...topics, await context.folder()));
    const runs = (instance: Awaited<ReturnType<typeof launch>>) =>
      instance.printed((text) => text.includes('state RUNNING'), 'the state RUNNING', 90_000);
    const write = (from: number, to: number) =>
      produce(context, ['-t', ordersTopic, '-K', ':'], orders.slice(from, to).map(({ customer, amount, time }, index) => `${from + index}:${customer} ${amount} ${time}`)); // prettier-ignore
    const reader = context.start(kcatCommand(context, ['-C', '-q', '-u', '-t', output, '-o', 'beginning', '-f', '%k %s\\n'], { 'isolation.level': 'read_committed' })); // prettier-ignore
    const counted = (count: number) => {
      const wanted = turnoverOf(orders.slice(0, count));
      return reader.printed(
        (text) => isDeepStrictEqual(new Map(recordsIn(text)), wanted),
        `the turnover of ${count} orders`,
        90_000,
      );
    };

    // The join needs the Java client's partitioner.
    await produce(context, ['-t', customersTopic, '-K', ':'], rowsOf(customers), { partitioner: 'murmur2' });
    await produce(context, ['-t', countriesTopic, '-K', ':'], rowsOf(countries));
    const first = await launch();
    const second = await launch();
    await Promise.all([runs(first), runs(second)]);
    await write(0, 300);
    await counted(300);
    await first.stop('SIGKILL');
    await write(300, 600);
    await counted(600);
    const third = await launch(); // its folder is empty: the stores are restored from their changelogs
    await runs(third);
    await second.stop();
    await write(600, 800);
    await counted(800);
    await third.stop();
    assertGrows(recordsIn(reader.output));
    const listed = await context.run(['kcat', '-b', context.bootstrapServers, '-L']);
    for (const internal of ['by-customer-repartition', 'by-country-repartition', 'turnover-changelog'])
      assert.ok(listed.includes(`${context.name('app')}-${internal}`), internal);
  },
});

const rowsOf = (table: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(table).map((row) => row.join(':'));

/** The key and sum of every complete record. */
const recordsIn = (text: string): readonly (readonly [string, number])[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split(' '))
    .map(([window = '', sum]) => [window, Number(sum)]);

/**
 * Checks that a window's committed sums only grow, so that no state was older than what was
 * committed.
 */
function assertGrows(records: readonly (readonly [string, number])[]): void {
  const last = new Map<string, number>();
  for (const [window, sum] of records) {
    assert.ok(sum > (last.get(window) ?? 0), `${window} goes from ${last.get(window)} to ${sum}`);
    last.set(window, sum);
  }
}
