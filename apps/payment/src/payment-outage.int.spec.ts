import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { paymentCommands } from '@millrace/contracts';
import { until, type TestService } from '@millrace/testing/service';
import { openPayment } from './payment.fixture.ts';

interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly watch?: string;
  readonly err?: { readonly code?: string };
}

/**
 * The log line that reports the end of each kind of failure. Which loops fail depends on what they
 * are doing when the broker goes away: a partition that is not open yet is not fetched either.
 */
const ends = new Map([
  ['fetching failed; retrying', 'records can be fetched again'],
  ['the partition could not be opened; retrying', 'every partition is open again'],
  [
    'fetching the partition failed; checking its offset against the log',
    'every partition can be fetched again',
  ],
  ['committing offsets to Kafka failed; retrying', 'offsets are committed to Kafka again'],
  ['a watch failed; it tries again', 'the watch works again'],
]);

let payment: TestService;
beforeAll(async () => {
  payment = await openPayment();
});
afterAll(() => payment.close());

describe('while the broker is away', () => {
  it('R03 accounts keep working, and their events are published in order once it is back', async () => {
    await payment.call('POST', '/accounts', { customerId: 'ada', currency: 'EUR' });
    const bringBack = await payment.loseBroker();
    const deposits = await Promise.all(
      [1, 2, 3].map((amount) => payment.call('POST', '/accounts/ada/deposits', { amount })),
    );
    expect(deposits.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect((await payment.call('GET', '/accounts/ada')).body.balance).toEqual({ amount: 6, currency: 'EUR' });

    await bringBack();
    const told = await until(
      () => payment.published('account-events', 'ada').catch(() => []),
      (messages) => messages.length >= 4,
      60_000,
    );
    const history = (await payment.call('GET', '/accounts/ada/history')).body.items ?? [];
    expect(told.map(({ message }) => message.amount)).toEqual(
      history.map(({ data }) => (data as { amount?: number }).amount),
    );
  });

  it('R33 each loop logs one stack trace for each kind of failure, and one line when it is over', async () => {
    await payment.restart(); // so that no loop still counts failures of an earlier outage
    const before = payment.logs.length;
    const lines = () => payment.logs.slice(before).map((line) => JSON.parse(line) as LogLine);
    const failures = (level: readonly string[]) =>
      lines().filter((line) => level.includes(line.level) && line.err !== undefined);
    const bringBack = await payment.loseBroker();
    await payment.call('POST', '/accounts/ada/deposits', { amount: 1 });
    await until(
      () => failures(['debug']).map(({ msg }) => msg),
      (attempts) => attempts.length >= 20 && attempts.includes('a watch failed; it tries again'),
      60_000,
    );
    await bringBack();
    const failed = new Set(failures(['debug']).map(({ msg }) => msg));
    const awaited = [...ends].flatMap(([failure, end]) => (failed.has(failure) ? [end] : []));
    await until(
      () => lines().map(({ msg }) => msg),
      (said) => awaited.every((end) => said.some((msg) => msg.startsWith(`${end} after `))),
      40_000,
    );

    const told = failures(['warn', 'error']).map(({ msg, watch, err }) => `${msg} ${watch} ${err?.code}`);
    expect(told.length).toBeGreaterThan(0);
    expect(told).toEqual([...new Set(told)]);
  });

  it('the service stops in time', async () => {
    const bringBack = await payment.loseBroker();
    await payment.call('POST', '/accounts/ada/deposits', { amount: 4 });
    const began = performance.now();
    await payment.service().stop();
    expect(performance.now() - began).toBeLessThan(15_000);
    await bringBack();
    await payment.restart();
    await until(
      () => payment.published('account-events', 'ada').catch(() => []),
      (messages) => messages.some(({ message }) => message.amount === 4),
      60_000,
    );
  });
});

describe('a service that is asked to stop', () => {
  it('R02 finishes the message and the request in flight', async () => {
    const orderId = randomUUID();
    await payment.call('POST', '/accounts', { customerId: 'grace', currency: 'EUR' });
    await payment.call('POST', '/accounts/grace/deposits', { amount: 100 });
    const { stopping, withdrawal } = await payment.database.sql.transaction(async (transaction) => {
      await transaction.query(`SELECT 1 FROM stream WHERE id = 'account-grace' FOR UPDATE`);
      await payment.send(
        paymentCommands,
        paymentCommands.ProcessPayment({
          orderId,
          customerId: 'grace',
          amount: { amount: 40, currency: 'EUR' },
          paymentMethod: 'account',
        }),
      );
      await until(payment.waitingForLocks, (count) => count === 1);
      const request = payment.call('POST', '/accounts/grace/withdrawals', { amount: 1 });
      await until(payment.waitingForLocks, (count) => count === 2);
      return { stopping: payment.service().stop(), withdrawal: request };
    });
    await stopping;

    expect((await withdrawal).status).toBe(201);
    const { rows } = await payment.database.sql.query<{ type: string }>(
      `SELECT type FROM event WHERE stream IN ('account-grace', $1) ORDER BY position`,
      [`payment-${orderId}`],
    );
    expect(rows.map(({ type }) => type).sort()).toEqual([
      'AccountCreated',
      'MoneyDeposited',
      'MoneyWithdrawn',
      'MoneyWithdrawn',
      'PaymentProcessed',
    ]);
    await payment.restart();
  });
});
