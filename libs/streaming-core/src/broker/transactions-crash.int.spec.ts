import { describe, expect, it } from '@jest/globals';
import { brokerChild } from './broker-child.fixture.ts';
import { makeTopic } from './broker.fixture.ts';
import {
  committedOffset,
  readCommitted,
  TransactionalSession,
  versionsOf,
  type Producer,
} from './transactional-session.fixture.ts';

const { start, kill } = brokerChild();

const groupId = 'g';

async function bench() {
  const client = await start();
  await makeTopic(client, 'a', {}, 2);
  const session = new TransactionalSession(client, 'id');
  const producer: Producer = await session.init();
  return { client, session, producer };
}

/** An undecided transaction with two partitions and an offset. */
async function begun() {
  const { client, session, producer } = await bench();
  await session.add(producer, 'a', 0, 1);
  await session.addOffsets(producer, groupId);
  for (const partition of [0, 1])
    await session.produce(producer, 'a', { sequence: 0, values: ['v'], partition });
  await session.commitOffset(producer, { groupId, topic: 'a', offset: 3n });
  return { client, session, producer };
}

async function restarted() {
  await kill();
  const client = await start();
  return { client, session: new TransactionalSession(client, 'id') };
}

describe('a broker that is killed', () => {
  it('L32 during an open transaction lets its producer continue it', async () => {
    const { producer } = await begun();
    const { client, session } = await restarted();
    expect(await session.state()).toMatchObject({ transactionState: 'Ongoing' });
    expect(await readCommitted(client, 'a')).toMatchObject({ lastStableOffset: 0n, values: [] });
    expect(await committedOffset(client, { groupId, topic: 'a' })).toBe('UNSTABLE_OFFSET_COMMIT');
    expect(await session.produce(producer, 'a', { sequence: 1, values: ['w'] })).toMatchObject({
      name: 'NONE',
      baseOffset: 1n,
    });
    expect(await session.end(producer, true)).toMatchObject({ name: 'NONE' });
    await session.settled('CompleteCommit');
    expect((await readCommitted(client, 'a')).values).toEqual(['v', 'w']);
    expect((await readCommitted(client, 'a', { partition: 1 })).values).toEqual(['v']);
    expect(await committedOffset(client, { groupId, topic: 'a' })).toBe(3n);
  });

  it.each([true, false])(
    'L31 right after the answer to EndTxn (commit: %s) has one outcome everywhere',
    async (committed) => {
      const { session: before, producer } = await begun();
      const answered = before.end(producer, committed).then(() => void kill());
      await answered;
      const { client, session } = await restarted();
      await session.settled(committed ? 'CompleteCommit' : 'CompleteAbort');
      for (const partition of [0, 1])
        expect((await readCommitted(client, 'a', { partition })).values).toEqual(committed ? ['v'] : []);
      expect(await committedOffset(client, { groupId, topic: 'a' })).toBe(committed ? 3n : -1n);
      expect(await session.end(producer, committed)).toMatchObject({ name: 'NONE' });
      const heir = await session.init();
      expect(heir).toMatchObject({ name: 'NONE', producerEpoch: 1 });
    },
  );

  it('L31 at any moment of many transactions never splits one, and shows all that it acknowledged', async () => {
    const { session, producer } = await bench();
    const killed = new Set<string>();
    let current = producer;
    let acknowledged = 0;
    const run = async () => {
      for (let turn = 0; turn < 500; turn += 1) {
        for (const partition of [0, 1])
          await session.produce(current, 'a', {
            sequence: 0,
            values: [`${turn}`],
            partition,
            version: versionsOf.new.produce,
          });
        if (turn === 20) setTimeout(() => void kill(), 3);
        const ended = await session.end(current, turn % 3 !== 0, versionsOf.new.end);
        if (ended.name !== 'NONE') throw new Error(ended.name);
        current = ended;
        if (turn % 3 !== 0) acknowledged = turn;
      }
    };
    await run().catch((error: Error) => killed.add(error.message));
    expect(killed).toEqual(new Set(['the broker closed the connection']));
    const { client, session: again } = await restarted();
    await again.init();
    const [left, right] = await Promise.all(
      [0, 1].map((partition) => readCommitted(client, 'a', { partition })),
    );
    expect(left?.lastStableOffset).toBe(left?.highWatermark);
    expect(left?.values).toEqual(right?.values);
    expect(left?.values).toEqual(left?.values.filter((value) => Number(value) % 3 !== 0));
    expect(left?.values).toContain(`${acknowledged}`);
  });
});
