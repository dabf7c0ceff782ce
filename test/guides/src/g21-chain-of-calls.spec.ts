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
const workMs = { inventory: 0, shipping: 0, notification: 20 };
/** What notification can do while shipping waits for it. */
const doneInTime = callMsMax / workMs.notification;

/** Places so many orders at once, and returns the ids of those that were accepted. */
async function placeMany(place: Place, count = orders): Promise<readonly string[]> {
  const ids = Array.from({ length: count }, () => randomUUID());
  const statuses = await Promise.all(ids.map((id) => place.place(id)));
  return ids.filter((_, index) => statuses[index] === 202);
}

describe('G21 a chain of calls and a stream, with the same faults', () => {
  let chain: Place;
  let flow: Place;
  let topic: string;
  beforeAll(async () => {
    topic = await log.newTopic('chain-orders', 3);
    chain = await startChain(workMs);
    flow = await startEventFlow({ bootstrapServers: log.bootstrapServers, topic }, workMs);
    expect(await placeMany(chain, 1)).toHaveLength(1);
    expect(await placeMany(flow, 1)).toHaveLength(1);
    await until('the first order', limitMs, () => flow.done('notification').length === 1);
  });
  afterAll(async () => {
    await chain?.stop();
    await flow?.stop();
    await log.close();
  });

  describe('while shipping is down', () => {
    let refused: number;
    let accepted: readonly string[];
    beforeAll(async () => {
      await Promise.all([chain.takeDown('shipping'), flow.takeDown('shipping')]);
      refused = orders - (await placeMany(chain)).length;
      accepted = await placeMany(flow);
      await Promise.all([chain.bringBack('shipping'), flow.bringBack('shipping')]);
    });

    it('the chain refuses all 50 orders, for which inventory has done its work already', () => {
      expect(refused).toBe(orders);
      expect(chain.done('inventory')).toHaveLength(1 + orders);
    });

    it('the chain ships none of them afterwards', () => {
      expect(chain.done('shipping')).toHaveLength(1);
    });

    it('the stream accepts all 50 orders, and ships each of them once afterwards', async () => {
      expect(accepted).toHaveLength(orders);
      await until('all to be shipped', limitMs, () => flow.done('shipping').length >= 1 + orders);
      expect(flow.done('shipping')).toHaveLength(1 + orders);
      expect(new Set(flow.done('shipping')).size).toBe(1 + orders);
    });
  });

  it('in a peak, the chain accepts no more than its slowest service can do in time, and the stream everything', async () => {
    expect((await placeMany(chain)).length).toBeLessThanOrEqual(doneInTime);

    const accepted = await placeMany(flow);
    expect(accepted).toHaveLength(orders);
    await until('the slowest to catch up', limitMs, () =>
      accepted.every((id) => flow.done('notification').includes(id)),
    );
  });

  it('a service that is added later gets every order of the stream, and changes none of the others', async () => {
    const analytics = new Subscriber({ bootstrapServers: log.bootstrapServers, topic }, 'analytics', 0);
    await analytics.start();
    const everything = 1 + 2 * orders;
    await until('analytics to count all', limitMs, () => analytics.done.length >= everything);
    await analytics.stop();
    expect(new Set(analytics.done).size).toBe(everything);
  });
});
