import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sharedStack, until } from '@millrace/test-support/stack';
import { GroupReader } from './group-reader.ts';
import { KcatMember } from './kcat-member.ts';
import { StackLog } from './stack-log.ts';

const log = new StackLog(sharedStack());
afterAll(() => log.close());

const partitions = 6;
const everyPartition = ['P0', 'P1', 'P2', 'P3', 'P4', 'P5'];

describe('G07 two groups over six partitions', () => {
  const members: GroupReader[] = [];
  const foreign: KcatMember[] = [];
  beforeEach(() => log.newTopic('orders', partitions));
  afterEach(() => Promise.all([...members.splice(0), ...foreign.splice(0)].map((member) => member.leave())));

  /**
   * Starts the members of one group and waits until they share one generation. Member ids begin
   * with the name, because range assignment sorts by them.
   */
  async function group(name: string, size: number): Promise<readonly GroupReader[]> {
    const groupId = `${name}-${randomUUID()}`;
    const positions = new Map<number, bigint>();
    const readers = Array.from({ length: size }, (_, index) => {
      const clientId = `${name}${index + 1}`;
      const consumer = log.consumer({
        clientId,
        groupId,
        topics: ['orders'],
        fetchMaxWaitMs: 100,
        sessionTimeoutMs: 30_000,
      });
      return new GroupReader(clientId, consumer, positions);
    });
    members.push(...readers);
    await Promise.all(readers.map((reader) => reader.start()));
    await settled(readers);
    return readers;
  }

  it('assigns P0 and P1 to A1, P2 and P3 to A2, P4 and P5 to A3, and a half each to B1 and B2', async () => {
    const a = await group('A', 3);
    const b = await group('B', 2);

    expect(shares(a)).toEqual({ A1: ['P0', 'P1'], A2: ['P2', 'P3'], A3: ['P4', 'P5'] });
    expect(shares(b)).toEqual({ B1: ['P0', 'P1', 'P2'], B2: ['P3', 'P4', 'P5'] });
  });

  it('delivers every record to both groups, and within a group only to the owner of its partition', async () => {
    const groups = [await group('A', 3), await group('B', 2)];
    const written = await produce(60);

    for (const readers of groups) {
      await readAll(readers, 60);
      expect(recordsOf(readers).map(placeOf).sort()).toEqual(written);
      for (const reader of readers)
        expect(reader.owns).toEqual(
          expect.arrayContaining([...new Set(reader.records.map(({ partition }) => `P${partition}`))]),
        );
    }
    // Every owner had something to read.
    expect(new Set(written.map((place) => place.split('@')[0])).size).toBe(partitions);
  });

  it('assigns foreign members the same shares and delivers every record to each group', async () => {
    const members = (name: string, size: number) => {
      const groupId = `${name}-${randomUUID()}`;
      const names = Array.from({ length: size }, (_, index) => `${name}${index + 1}`);
      return names.map(
        (member) => new KcatMember(log.bootstrapServers, { name: member, groupId, topic: 'orders' }),
      );
    };
    const a = members('A', 3);
    const b = members('B', 2);
    foreign.push(...a, ...b);
    const owned = () => Object.fromEntries(foreign.map(({ name, owns }) => [name, owns?.join()]));
    const wanted = { A1: 'P0,P1', A2: 'P2,P3', A3: 'P4,P5', B1: 'P0,P1,P2', B2: 'P3,P4,P5' };
    await until(
      () => `the members to have the guide's shares; last seen: ${JSON.stringify(owned())}`,
      60_000,
      () => JSON.stringify(owned()) === JSON.stringify(wanted),
    );
    const written = await produce(60);

    for (const group of [a, b]) {
      await until(
        'the group to read everything',
        30_000,
        () => group.flatMap(({ records }) => records).length >= 60,
      );
      expect(group.flatMap(({ records }) => records).sort()).toEqual(written);
    }
  });

  it('leaves two of eight consumers without a partition and without records', async () => {
    const readers = await group('C', 8);
    const written = await produce(60);
    await readAll(readers, 60);

    expect(readers.map(({ owns }) => owns.length)).toEqual([1, 1, 1, 1, 1, 1, 0, 0]);
    expect(readers.flatMap(({ owns }) => owns)).toEqual(everyPartition);
    expect(recordsOf(readers).map(placeOf).sort()).toEqual(written);
    expect(readers.slice(6).map(({ records }) => records.length)).toEqual([0, 0]);
  });
});

const recordsOf = (readers: readonly GroupReader[]) => readers.flatMap(({ records }) => records);
const placeOf = ({ partition, offset }: { readonly partition: number; readonly offset: bigint }) =>
  `P${partition}@${offset}`;
const shares = (readers: readonly GroupReader[]) =>
  Object.fromEntries(readers.map(({ name, owns }) => [name, owns]));

/** Waits until all members are in one generation and every partition has exactly one owner. */
function settled(readers: readonly GroupReader[]): Promise<void> {
  return until(`${readers.length} members to share six partitions`, 60_000, () => {
    const owned = readers.flatMap(({ owns }) => owns).sort();
    return (
      new Set(readers.map(({ generationId }) => generationId)).size === 1 &&
      owned.join() === everyPartition.join()
    );
  });
}

function readAll(readers: readonly GroupReader[], count: number): Promise<void> {
  return until(`the group of ${readers[0]?.name} to read ${count} records`, 30_000, () => {
    for (const { failure } of readers) if (failure !== undefined) throw failure;
    return recordsOf(readers).length >= count;
  });
}

/** Writes orders of sixty users and resolves to their places on the log, sorted. */
async function produce(count: number): Promise<readonly string[]> {
  const records = Array.from({ length: count }, (_, n) => ({
    topic: 'orders',
    key: `user_${n}`,
    value: JSON.stringify({ order_id: n }),
  }));
  return (await log.producer.send(records)).map(placeOf).sort();
}
