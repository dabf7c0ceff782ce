import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ask } from '@millrace/test-support/shop';
import { sharedStack, until } from '@millrace/test-support/stack';
import { startRedis, type TestRedis } from '@millrace/testing/redis';
import { balanceOf, keepBalances, redisClient, type Redis } from './balances-in-redis.ts';

const stack = sharedStack();
const accounts = `${stack.urls.payment}/accounts`;
const limitMs = 60_000;
const customer = `g24-${randomUUID()}`;

describe('G24 a read model in another kind of store', () => {
  let redis: TestRedis;
  let client: Redis;
  beforeAll(async () => {
    redis = await startRedis();
    client = redisClient(redis.url);
    await client.connect();
    await ask('POST', accounts, { customerId: customer, currency: 'EUR' });
    await change('deposits', 100);
  });
  afterAll(async () => {
    client?.destroy();
    await redis?.stop();
  });

  const change = (what: 'deposits' | 'withdrawals', amount: number) =>
    ask('POST', `${accounts}/${customer}/${what}`, { amount });
  const balanceOfWriteSide = async () =>
    (await ask<{ balance: { amount: number } }>('GET', `${accounts}/${customer}`)).balance.amount;
  const shown = (amount: number) =>
    until(`Redis to have ${amount}`, limitMs, async () => (await balanceOf(client, customer)) === amount);

  it('follows the events, continues where it ended, and is the same when filled from offset 0', async () => {
    {
      await using _view = keepBalances(stack.bootstrapServers, client);
      await shown(100);
      await change('withdrawals', 30);
      await shown(70);
    }
    await change('deposits', 50);
    expect(await balanceOf(client, customer)).toBe(70);
    {
      await using _view = keepBalances(stack.bootstrapServers, client);
      await shown(120);
    }
    expect(await balanceOfWriteSide()).toBe(120);

    await client.flushAll();
    expect(await balanceOf(client, customer)).toBeUndefined();
    await using _rebuilt = keepBalances(stack.bootstrapServers, client);
    await shown(120);
  });
});
