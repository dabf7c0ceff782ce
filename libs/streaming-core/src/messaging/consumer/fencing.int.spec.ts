import { describe, expect, it } from '@jest/globals';
import type { SqlDatabase } from '../../postgres/index.ts';
import { gate, runtimeBench, until, waitForLock } from './runtime.bench.ts';
import { minutes } from '../../runtime/index.ts';

describe('the consumer, when ownership changes,', () => {
  const bench = runtimeBench();
  const { handler, runtime, member, note, effects, offset } = bench;

  it('makes a successor wait for the open batch of its predecessor before it reads the offset', async () => {
    const held = gate();
    note(1);
    note(2);
    await runtime(member(), {
      handlers: [handler(async (number) => (number === 2 ? held.pass() : undefined))],
    }).start();
    await held.arrived;
    const successor = runtime(member());
    await successor.start();
    await waitForLock(bench.database);
    expect(successor.status()[0]?.state).toBe('opening');

    held.open();
    await until(() => successor.status()[0]?.state === 'open');
    expect(successor.status()[0]?.nextOffset).toBe(2n);
    note(3);
    await until(async () => (await offset()) === '3');
    expect(await effects()).toEqual([1, 2, 3]);
  });

  it('rolls back a late batch of a predecessor, which then leaves the group and joins again', async () => {
    const held = gate();
    const late: SqlDatabase = {
      query: (text, values) => bench.database.sql.query(text, values),
      async transaction(work) {
        if (armed) await held.pass();
        return bench.database.sql.transaction(work);
      },
    };
    let armed = false;
    const zombieConsumer = member();
    const zombie = runtime(zombieConsumer, { database: late });
    await zombie.start();
    await until(() => zombie.status()[0]?.state === 'open');
    armed = true;
    note(1);
    await held.arrived;
    zombieConsumer.assign = async () => undefined; // the group has given the partition to the successor
    await runtime(member()).start();
    await until(async () => (await offset()) === '1');
    armed = false;
    held.open();
    await until(() => zombieConsumer.rejoins === 1);
    note(2);
    await until(async () => (await offset()) === '2');

    expect(await effects()).toEqual([1, 2]);
  });

  it('M07 fences a predecessor even if its successor has not moved the offset yet', async () => {
    const held = gate();
    let armed = false;
    const late: SqlDatabase = {
      query: (text, values) => bench.database.sql.query(text, values),
      async transaction(work) {
        if (armed) await held.pass();
        return bench.database.sql.transaction(work);
      },
    };
    const zombieConsumer = member();
    const zombie = runtime(zombieConsumer, { database: late });
    await zombie.start();
    await until(() => zombie.status()[0]?.state === 'open');
    armed = true;
    note(1);
    await held.arrived;
    zombieConsumer.assign = async () => undefined;
    let away = true;
    const successorConsumer = member();
    successorConsumer.beforeFetch = () => {
      if (away) throw new Error('the broker is away for the successor');
    };
    const successor = runtime(successorConsumer);
    await successor.start();
    await until(() => successor.status()[0]?.state === 'open');
    held.open();
    await until(() => zombieConsumer.rejoins === 1);
    expect(await effects()).toEqual([]);
    expect(await offset()).toBe('0');

    away = false;
    await until(async () => (await offset()) === '1');
    expect(await effects()).toEqual([1]);
  });

  it('ends the batch in flight before the group revokes the partition, and starts none afterwards', async () => {
    const held = gate();
    for (let number = 1; number <= 3; number += 1) note(number);
    const consumer = member();
    const begun: number[] = [];
    const made = runtime(consumer, {
      handlers: [
        handler((number) => {
          begun.push(number);
          return held.pass();
        }),
      ],
      limits: { batchMessagesMax: 1, drainTimeoutMs: minutes(1) },
    });
    await made.start();
    await held.arrived;
    let revoked = false;
    const revoking = consumer.revoke().then(() => (revoked = true));
    await until(() => made.status()[0]?.state === 'closed');
    expect(await offset()).toBe('0');
    expect(revoked).toBe(false);
    held.open();
    await revoking;

    expect(made.status()).toEqual([]);
    expect(await effects()).toEqual([1]);
    expect(await offset()).toBe('1');
    expect(begun).toEqual([1]);
    await consumer.assign();
    await until(async () => (await offset()) === '3');
    expect(await effects()).toEqual([1, 2, 3]);
  });

  it('finishes the batches in flight when it is stopped, leaves the group, and can be stopped twice', async () => {
    const held = gate();
    note(1);
    const consumer = member();
    const made = runtime(consumer, { handlers: [handler(() => held.pass())] });
    await made.start();
    await held.arrived;
    const stopping = Promise.all([made.stop(), made.stop()]);
    held.open();
    await stopping;

    expect(await effects()).toEqual([1]);
    expect(consumer.closed).toBe(true);
  });

  it('stops and reports the reason when another process takes its instance name', async () => {
    note(1);
    const consumer = member();
    const made = runtime(consumer);
    await made.start();
    await until(async () => (await offset()) === '1');
    expect(made.failure).toBeUndefined();

    const error = new Error('another process has its name');
    await consumer.stopFor(error);
    note(2);

    expect(made.failure).toBe(error);
    expect(made.status()).toEqual([]);
    expect(consumer.rejoins).toEqual(0);
  });
});
