import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, it } from '@jest/globals';
import { connectLagReader, type ConsumedRecord } from '@millrace/streaming-core/client';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { sharedStack } from '@millrace/test-support/stack';
import { saltedKeys, unsalted } from './hot-key.ts';
import { StackLog } from './stack-log.ts';

const stack = sharedStack();
const log = new StackLog(stack);
const partitions = 6;
const events = 1_200;
const hotUser = 'user_1';
/** What each of six consumers handles while the events come in: its fair share. */
const handledEach = events / partitions;

interface UserEvent {
  readonly user: string;
  readonly number: number;
}

/** Every second event is of the hot user, the others are each of another user. */
const userEvents: readonly UserEvent[] = Array.from({ length: events }, (_, number) => ({
  user: number % 2 === 0 ? hotUser : `user_${number + 1}`,
  number,
}));

describe('G44 a user with half of all events', () => {
  afterAll(() => log.close());

  /** Writes the events, and has each consumer handle and commit as many as it can. */
  async function run(topic: string, keyOf: (event: UserEvent) => string) {
    await log.newTopic(topic, partitions);
    await log.producer.send(
      userEvents.map((event) => ({ topic, key: keyOf(event), value: JSON.stringify(event) })),
    );
    const group = `${topic}-${randomUUID()}`;
    const member = log.consumer({ clientId: 'users', groupId: group, topics: [topic] });
    const at = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }));
    const ends = await member.endOffsets(at);
    await member.start({ onAssigned: () => Promise.resolve(), onRevoked: () => Promise.resolve() });
    await member.commit(
      ends.map(({ offset, ...place }) => ({
        ...place,
        offset: BigInt(Math.min(Number(offset), handledEach)),
      })),
    );
    const lagReader = connectLagReader({
      bootstrapServers: [stack.bootstrapServers],
      clientId: 'users',
      logger: silentLogger,
    });
    const inOrder = (await lagReader.ofGroup(group)).toSorted((a, b) => a.partition - b.partition);
    const lags = inOrder.map(({ lag }) => Number(lag));
    await lagReader.close();
    const records: ConsumedRecord[] = [];
    let next = at.map((place) => ({ ...place, offset: 0n }));
    while (records.length < events) {
      const fetched = await member.fetch(next);
      records.push(...fetched.flatMap((each) => [...each.records]));
      next = next.map((place) => ({
        ...place,
        offset: fetched.find(({ partition }) => partition === place.partition)?.nextOffset ?? place.offset,
      }));
    }
    return { lags, records };
  }

  const valueOf = ({ value }: ConsumedRecord) => JSON.parse(String(value)) as UserEvent;
  const numbersOf = (records: readonly ConsumedRecord[]) => records.map((record) => valueOf(record).number);
  const isAscending = (numbers: readonly number[]) =>
    numbers.every((number, index) => index === 0 || number > (numbers[index - 1] ?? NaN));

  it('holds up one partition while the others wait for work, and is in order', async () => {
    const { lags, records } = await run('user-events-hot', ({ user }) => user);

    expect(lags).toEqual([0, 0, 0, 495, 0, 0]);
    expect(isAscending(numbersOf(records.filter((record) => valueOf(record).user === hotUser)))).toBe(true);
  });

  it('spreads over all partitions with salted keys, each in order, and is counted without the salt', async () => {
    const salted = saltedKeys(hotUser, partitions);
    const { lags, records } = await run('user-events-salted', ({ user, number }) =>
      user === hotUser ? (salted[(number / 2) % salted.length] ?? '') : user,
    );
    const ofHotUser = records.filter((record) => valueOf(record).user === hotUser);

    expect(lags).toEqual([11, 0, 0, 0, 0, 5]);
    expect(isAscending(numbersOf(ofHotUser))).toBe(false);
    for (const key of salted) {
      const ofKey = records.filter((record) => String(record.key) === key);
      expect(ofKey).toHaveLength(events / 2 / partitions);
      expect(isAscending(numbersOf(ofKey))).toBe(true);
    }
    const countOf = (user: string) => records.filter(({ key }) => unsalted(String(key)) === user).length;
    expect(countOf(hotUser)).toBe(events / 2);
  });
});
