import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import { systemClock, type Clock } from '../../runtime/index.ts';
import { connectProducer } from './producer.ts';
import { startScriptedBroker } from './scripted-broker.fake.ts';

const closes: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closes.splice(0).reverse()) await close();
});

/** Longer than the client uses the answer to a question about topics. */
const ageMs = 5_001;

/** A clock that jumps when it is read for the n-th time after `jumpAt(n)`. */
function jumpingClock() {
  let readsLeft = Infinity;
  let jumpedMs = 0;
  const clock: Clock = {
    ...systemClock,
    monotonic() {
      readsLeft -= 1;
      if (readsLeft === 0) jumpedMs += ageMs;
      return systemClock.monotonic() + jumpedMs;
    },
  };
  return {
    clock,
    jumpAt: (read: number) => void (readsLeft = read),
    hasJumped: () => readsLeft <= 0,
  };
}

describe('a record', () => {
  it('L40 is sent at once, whenever what the client knows about its topic becomes too old', async () => {
    const broker = await startScriptedBroker({
      topic: 'orders',
      partitions: 1,
      topicId: randomUUID(),
      judge: () => 'NONE',
    });
    const { clock, jumpAt, hasJumped } = jumpingClock();
    const producer = connectProducer({
      bootstrapServers: broker.bootstrapServers,
      clientId: 'aging',
      clock,
      deliveryTimeoutMs: 60_000,
    });
    closes.push(broker.close, () => producer.close());
    const sent = (value: string) =>
      Promise.race([
        producer.send([{ topic: 'orders', key: null, value, partition: 0 }]).then(() => 'sent'),
        new Promise((resolve) => setTimeout(resolve, 5_000, 'still waiting').unref()),
      ]);
    await sent('first');
    let read = 0;
    do {
      jumpAt((read += 1));
      expect({ read, outcome: await sent('next') }).toEqual({ read, outcome: 'sent' });
    } while (hasJumped());

    expect(read).toBeGreaterThan(3);
  });
});
