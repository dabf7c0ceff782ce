import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sharedStack, until } from '@millrace/test-support/stack';
import { callMsMax, startChain } from './chain-of-calls.ts';
import { startEventFlow, Subscriber } from './event-flow.ts';
import type { Place } from './order-steps.ts';
import { StackLog } from './stack-log.ts';

const log = new StackLog(sharedStack());
const orders = 50;
const limitMs = 60_000;
const workMs = { inventory: 0, shipping: 0, notification: 50 };

/** Places the given number of orders at the same time. */
async function placeMany(place: Place, count = orders) {
  const ids = Array.from({ length: count }, () => randomUUID());
  const statuses = await Promise.all(ids.map((id) => place.place(id)));
  return { ids, accepted: ids.filter((_, index) => statuses[index] === 202) };
}

const among = (ids: readonly string[], done: readonly string[]) => done.filter((id) => ids.includes(id));

describe('G21 a chain of calls and a stream, with the same faults', () => {
  let chain: Place;
  let flow: Place;
  let topic: string;
  beforeAll(async () => {
    topic = await log.newTopic('chain-orders', 3);
    chain = await startChain(workMs);
    flow = await startEventFlow({ bootstrapServers: log.bootstrapServers, topic }, workMs);
    for (const place of [chain, flow])
      await until(
        'a first order',
        limitMs,
        async () =>
          (await placeMany(place, 1)).accepted.length === 1 && place.done('notification').length > 0,
      );
  });
  afterAll(async () => {
    await chain?.stop();
    await flow?.stop();
    await log.close();
  });

  describe('while shipping is down', () => {
    let called: Awaited<ReturnType<typeof placeMany>>;
    let sent: Awaited<ReturnType<typeof placeMany>>;
    beforeAll(async () => {
      await Promise.all([chain.takeDown('shipping'), flow.takeDown('shipping')]);
      called = await placeMany(chain);
      sent = await placeMany(flow);
      await Promise.all([chain.bringBack('shipping'), flow.bringBack('shipping')]);
    });

    it('the chain refuses all 50 orders, for which inventory has done its work already', async () => {
      expect(called.accepted).toEqual([]);
      await until('inventory', limitMs, () => among(called.ids, chain.done('inventory')).length === orders);
    });

    it('the stream accepts all 50 orders, and ships each of them once afterwards', async () => {
      expect(sent.accepted).toHaveLength(orders);
      await until('shipping', limitMs, () => among(sent.ids, flow.done('shipping')).length >= orders);
      expect(among(sent.ids, flow.done('shipping'))).toHaveLength(orders);
    });

    it('the chain ships none of them afterwards', () => {
      expect(among(called.ids, chain.done('shipping'))).toEqual([]);
    });
  });

  it('in a peak, the chain accepts as much as its slowest service can do, and the stream everything', async () => {
    expect(callMsMax / workMs.notification).toBeLessThan(orders / 2);
    expect((await placeMany(chain)).accepted.length).toBeLessThan(orders / 2);

    const { accepted } = await placeMany(flow);
    expect(accepted).toHaveLength(orders);
    await until(
      'the slowest to catch up',
      limitMs,
      () => among(accepted, flow.done('notification')).length >= orders,
    );
  });

  it('a service that is added later gets every order of the stream, and changes none of the others', async () => {
    const everything = new Set(flow.done('notification'));
    const analytics = new Subscriber({ bootstrapServers: log.bootstrapServers, topic }, 'analytics', 0);
    await analytics.start();
    await until('analytics', limitMs, () => new Set(analytics.done).size >= everything.size);
    await analytics.stop();
    expect(new Set(analytics.done)).toEqual(everything);
    expect(everything.size).toBeGreaterThan(2 * orders);
  });
});
