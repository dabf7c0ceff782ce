import { describe, expect, it } from '@jest/globals';
import { seconds } from '../../runtime/index.ts';
import type { SqlDatabase } from '../../postgres/index.ts';
import { renamingStore } from '../outbox/commit-note.ts';
import { gate, runtimeBench, until } from './runtime.bench.ts';
import type { OwnedPartition } from './ownership.ts';
import { parkingBench } from './parking.bench.ts';

describe('parked messages', () => {
  const bench = runtimeBench();
  const { member, note, effects, offset, deadLetters } = bench;
  const parking = parkingBench(bench);
  const { parkingRuntime, started, advance, parkedByPreviousOwner, recoversWith } = parking;
  const { failing, tried, parked, offsetsParked } = parking;

  /** A database whose transactions wait at a gate once it is armed. */
  function held() {
    const passage = gate();
    const state = { armed: false };
    const database: SqlDatabase = {
      query: (text, values) => bench.database.sql.query(text, values),
      async transaction(work) {
        if (state.armed) await passage.pass();
        return bench.database.sql.transaction(work);
      },
    };
    return { passage, state, database };
  }

  it('M42 are known to a new owner before its first batch', async () => {
    await parkedByPreviousOwner();
    note(2);
    note(3, { key: 'other' });
    await started();
    await until(async () => (await offset()) === '3');

    expect(await effects()).toEqual([3]);
    expect(await offsetsParked()).toEqual([0, 1]);
    await recoversWith(3);
    expect(await effects()).toEqual([3, 1, 2]);
  });

  it('M42 cannot be handled by a fenced owner', async () => {
    failing.add(1);
    note(1);
    const { passage, state, database } = held();
    const zombieConsumer = member();
    await started({ database }, zombieConsumer);
    await until(async () => (await offset()) === '1');
    failing.clear();
    state.armed = true;
    advance(seconds(5));
    await passage.arrived;
    zombieConsumer.assign = async () => undefined;
    failing.add(1);
    await started();
    await until(async () => (await parked())[0]?.attempts === 2);
    failing.clear();
    tried.length = 0;
    state.armed = false;
    passage.open();
    await until(() => zombieConsumer.rejoins === 1);

    expect(tried).toEqual([]);
    expect(await offsetsParked()).toEqual([0]);
    advance(seconds(5));
    await until(async () => (await offsetsParked()).length === 0);
    expect(await effects()).toEqual([1]);
  });

  it('M42 cannot be added by a fenced owner', async () => {
    failing.add(1);
    const { passage, state, database } = held();
    const zombieConsumer = member();
    const zombie = await started({ database }, zombieConsumer);
    await until(() => zombie.status()[0]?.state === 'open');
    let attempts = 0;
    note(1);
    state.armed = true;
    await passage.arrived;
    zombieConsumer.assign = async () => undefined;
    await started({ handlers: [bench.handler(async () => void (attempts += 1))] });
    await until(async () => (await offset()) === '1');
    state.armed = false;
    passage.open();
    await until(() => zombieConsumer.rejoins === 1);

    expect(attempts).toBe(1);
    expect(await effects()).toEqual([1]);
    expect(await offsetsParked()).toEqual([]);
  });

  it('M40 are parked once even if their offset is read again, and keep their order', async () => {
    failing.add(1);
    note(1);
    note(2);
    note(3, { key: 'other' });
    await started();
    await until(async () => (await offset()) === '3');
    await bench.database.sql.query(
      renamingStore(
        'UPDATE consumer_offset SET next_offset = 0, assignment_epoch = assignment_epoch + 1 WHERE consumer_group = $1',
      ),
      [bench.group],
    );
    note(4);
    await until(async () => (await offset()) === '4');

    expect(await offsetsParked()).toEqual([0, 1, 3]);
    await recoversWith(4);
    expect(await effects()).toEqual([3, 1, 2, 4]);
  });

  it('M40 take effect once even if a copy of the same message waits behind them', async () => {
    failing.add(1);
    const id = note(1);
    note(1, { id });
    note(2);
    await started();
    await until(async () => (await offset()) === '3');
    failing.clear();
    advance(seconds(5));
    await until(async () => (await offsetsParked()).length === 0);

    expect(await effects()).toEqual([1, 2]);
  });

  it('are kept when a restored log has another message at the same offset, which is parked behind them', async () => {
    await parkedByPreviousOwner();
    bench.log.topic('notes').partitions[0]?.splice(0);
    note(2);
    await bench.database.sql.query(
      renamingStore('UPDATE consumer_offset SET next_offset = 0 WHERE consumer_group = $1'),
      [bench.group],
    );
    await started();
    await until(async () => (await offset()) === '1');

    expect(await offsetsParked()).toEqual([0, 0]);
    await recoversWith(2);
    expect(await effects()).toEqual([1, 2]);
  });

  it('are retried by the owner of the same partition number after their topic was deleted and recreated', async () => {
    await parkedByPreviousOwner();
    await bench.database.sql.query('DELETE FROM consumer_offset WHERE consumer_group = $1', [bench.group]);
    bench.log.recreate('notes');
    note(2);
    await started();
    await until(async () => (await offset()) === '1');
    expect(await effects()).toEqual([]);

    await recoversWith(2);
    expect(await effects()).toEqual([1, 2]);
  });

  it('do not delay another partition that shares a transaction with theirs', async () => {
    failing.add(1);
    const partitions = [0, 1].map((partition) => ({ topic: 'notes', partition }));
    note(1, { key: 'a' }, 0);
    await started({}, member(partitions));
    await until(async () => (await offset()) === '1');
    for (const number of [2, 3]) note(number, { key: 'a' }, 0);
    for (const number of [4, 5]) note(number, { key: 'b' }, 1);
    await until(async () => (await offset()) === '3' && (await offset('notes', 1)) === '2');

    expect(await effects()).toEqual([4, 5]);
    expect(await offsetsParked()).toEqual([0, 1, 2]);
  });

  it('M42 are remembered even if the answer to the commit that parked them was lost', async () => {
    failing.add(1);
    note(1);
    let lost = 0;
    const database: SqlDatabase = {
      query: (text, values) => bench.database.sql.query(text, values),
      async transaction(work) {
        const result = await bench.database.sql.transaction(work);
        if (lost === 0 && (await offsetsParked()).length === 1) {
          lost += 1;
          throw Object.assign(new Error('the connection was lost'), { code: 'ECONNRESET' });
        }
        return result;
      },
    };
    await started({ database });
    await until(() => lost === 1);
    note(2);
    await until(async () => (await offset()) === '2');

    expect(await effects()).toEqual([]);
    expect(tried).not.toContain(2);
    await recoversWith(2);
    expect(await effects()).toEqual([1, 2]);
    expect(await deadLetters()).toEqual([]);
  });

  it('can be looked up by their owner by keys and topics', async () => {
    failing.add(1).add(2);
    note(1, { key: 'a' });
    note(2, { key: 'b' });
    const owned: OwnedPartition[] = [];
    const made = parkingRuntime();
    made.addOwnershipListener({ onOwned: (partition) => void owned.push(partition) });
    await made.start();
    await until(async () => (await offset()) === '2');
    const among = async (topics: readonly string[], keys: readonly string[]) => [
      ...((await owned[0]?.parkedAmong(topics, keys)) ?? []),
    ];

    expect(await among(['other', 'notes'], ['b', 'c'])).toEqual(['b']);
    expect(await among(['other'], ['a', 'b'])).toEqual([]);
    expect(await among(['notes'], [])).toEqual([]);
  });
});
