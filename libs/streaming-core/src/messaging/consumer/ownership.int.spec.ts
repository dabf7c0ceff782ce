import { describe, expect, it } from '@jest/globals';
import { gate, other, runtimeBench, until, waitForLock } from './runtime.bench.ts';
import type { ConsumerRuntime } from './runtime.ts';
import type { OwnedPartition } from './ownership.ts';

describe('ownership', () => {
  const bench = runtimeBench();
  const { handler, runtime, member, note, effects, offset } = bench;

  function listen(made: ConsumerRuntime) {
    const calls: string[] = [];
    const owned: OwnedPartition[] = [];
    made.addOwnershipListener({
      onDisrupted: async ({ topic: name, partition }) => void calls.push(`disrupted ${name}-${partition}`),
      onOwned: (partition) => {
        calls.push(`owned ${partition.topic}-${partition.partition}`);
        owned.push(partition);
      },
      onLost: async ({ topic: name, partition }) => void calls.push(`lost ${name}-${partition}`),
    });
    return { calls, owned };
  }

  it('announces the disruption, then the ownership, then the loss', async () => {
    const consumer = member();
    const made = runtime(consumer);
    const { calls } = listen(made);
    await made.start();
    await until(() => calls.length === 2);
    await consumer.revoke();

    expect(calls).toEqual(['disrupted notes-0', 'owned notes-0', 'lost notes-0']);
  });

  it('announces the loss before the next assignment, however long the log takes to answer', async () => {
    const held = gate();
    const consumer = member();
    const made = runtime(consumer, { limits: { drainTimeoutMs: 20 } });
    const { calls } = listen(made);
    await made.start();
    await until(() => calls.length === 2);
    const identify = consumer.identify.bind(consumer);
    consumer.identify = async (topics) => (await held.pass(), identify(topics));
    consumer.fetchError = () => new Error('the leader has moved');
    await held.arrived;
    consumer.fetchError = () => undefined;
    consumer.identify = identify;
    await consumer.revoke();
    await consumer.assign();
    await until(() => calls.filter((call) => call.startsWith('owned')).length === 2);
    held.open();
    await consumer.revoke();

    const ownedAndLost = calls.filter((call) => !call.startsWith('disrupted'));
    expect(ownedAndLost).toEqual(['owned notes-0', 'lost notes-0', 'owned notes-0', 'lost notes-0']);
  });

  it('announces a disruption again to a listener that failed', async () => {
    const made = runtime(member());
    let failures = 3;
    let owned = false;
    made.addOwnershipListener({
      async onDisrupted() {
        failures -= 1;
        if (failures >= 0) throw new Error('the database is away');
      },
      onOwned: () => void (owned = true),
    });
    await made.start();
    await until(() => owned);

    expect(failures).toBe(-1);
  });

  it('is disrupted by a failed fetch, and has not caught up until the listeners have been notified', async () => {
    const consumer = member();
    const made = runtime(consumer);
    const { calls, owned } = listen(made);
    await made.start();
    await until(() => owned.length === 1);
    expect(await owned[0]?.caughtUpTo(['notes'])).toBeGreaterThan(0);
    let away = true;
    let fetches = 0;
    consumer.beforeFetch = () => {
      fetches += 1;
      if (away) throw new Error('the broker is away');
    };
    await until(() => fetches > 1);
    expect(await owned[0]?.caughtUpTo(['notes'])).toBe(-Infinity);
    away = false;
    await until(() => calls.filter((call) => call.startsWith('disrupted')).length === 2);
    await until(async () => (await owned[0]!.caughtUpTo(['notes'])) > 0);

    expect(calls.filter((call) => call.startsWith('owned'))).toHaveLength(1);
  });

  it('announces another disruption that comes while the listeners handle the previous one', async () => {
    const consumer = member();
    const made = runtime(consumer);
    const held = gate();
    let told = 0;
    made.addOwnershipListener({
      async onDisrupted() {
        told += 1;
        if (told === 1) await held.pass();
      },
    });
    await made.start();
    await held.arrived;
    let fetches = 0;
    consumer.beforeFetch = () => {
      fetches += 1;
      if (fetches === 1) throw new Error('the broker is away');
    };
    await until(() => fetches > 1);
    held.open();

    await until(() => told === 2);
  });

  it('has caught up to the last moment whose ends the offsets in PostgreSQL have reached on every topic', async () => {
    const held = gate();
    const partitions = ['notes', 'other'].map((name) => ({ topic: name, partition: 0 }));
    const slow = handler(() => held.pass(), other.Noted);
    const made = runtime(member(partitions), { handlers: [handler(), slow] });
    const { owned } = listen(made);
    await made.start();
    await until(() => owned.length === 2);
    const own = owned.find((partition) => partition.topic === 'notes');
    const before = await own!.caughtUpTo(['notes', 'other']);
    bench.log.append('other', { type: 'Noted', key: 'k', number: 1 });
    await held.arrived;
    const arrivedAtMs = Date.now();
    const meanwhile = await own!.caughtUpTo(['notes', 'other']);
    const meanwhileOfNotes = await own!.caughtUpTo(['notes']);
    held.open();

    expect(meanwhile).toBe(before);
    expect(meanwhileOfNotes).toBeGreaterThanOrEqual(arrivedAtMs);
    await until(async () => (await own!.caughtUpTo(['notes', 'other'])) >= arrivedAtMs);
    expect(await effects()).toEqual([1]);
  });

  it('S10 catches up to a moment under load once the messages before it are handled, even if later ones have arrived', async () => {
    const gates = [gate(), gate()];
    const made = runtime(member(), { handlers: [handler((number) => gates[Number(number) - 1]!.pass())] });
    const { owned } = listen(made);
    await made.start();
    await until(() => owned.length === 1);
    note(1);
    await gates[0]!.arrived;
    const momentMs = Date.now();
    expect(await owned[0]!.caughtUpTo(['notes'])).toBe(-Infinity);
    note(2);
    gates[0]!.open();
    await gates[1]!.arrived;
    const reachedMs = await owned[0]!.caughtUpTo(['notes']);
    gates[1]!.open();

    expect(reachedMs).toBeGreaterThanOrEqual(momentMs);
  });

  it('commits a transaction of the owner, but rejects one after the epoch has changed or the partition is lost', async () => {
    const consumer = member();
    consumer.rejoin = async () => undefined;
    const made = runtime(consumer);
    const { owned } = listen(made);
    await made.start();
    await until(() => owned.length === 1);
    const insert = () =>
      owned[0]?.transaction((transaction) =>
        transaction.query('INSERT INTO effect (grp, number) VALUES ($1, 1)', [bench.group]),
      );
    await insert();
    await bench.database.sql.query(
      'UPDATE consumer_offset SET assignment_epoch = assignment_epoch + 1 WHERE consumer_group = $1',
      [bench.group],
    );
    await expect(insert()).rejects.toMatchObject({ name: 'FencedError', code: 'fenced' });
    await expect(insert()).rejects.toMatchObject({ code: 'fenced' });

    expect(await effects()).toEqual([1]);
  });

  it('makes a batch and a transaction of the owner wait for each other', async () => {
    const held = gate();
    const made = runtime(member());
    const { owned } = listen(made);
    await made.start();
    await until(() => owned.length === 1);
    const own = owned[0]?.transaction(async (transaction) => {
      await held.pass();
      await transaction.query('INSERT INTO effect (grp, number) VALUES ($1, 0)', [bench.group]);
    });
    await held.arrived;
    note(1);
    await waitForLock(bench.database);
    held.open();
    await own;
    await until(async () => (await offset()) === '1');

    expect(await effects()).toEqual([0, 1]);
  });
});
