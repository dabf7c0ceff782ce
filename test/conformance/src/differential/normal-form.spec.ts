import { describe, expect, it } from '@jest/globals';
import {
  describeTransactions,
  fetch,
  joinGroup,
  listGroups,
  produce,
  type Api,
  type Fields,
} from '@millrace/streaming-core/protocol';
import { batch, recordTimeMs } from './batches.ts';
import { Normalizer } from './normal-form.ts';

const normalizer = () => new Normalizer({ prefix: 'd1-7', serverTimeMsMin: recordTimeMs + 1_800_000n });
const answer = (api: unknown, body: Record<string, unknown>) =>
  ({ kind: 'answer', api: api as Api<Fields, Fields>, version: 9, body }) as const;

describe('the normal form of an answer', () => {
  it('numbers what an engine invents in the order of appearance, and keeps values that mean "nothing"', () => {
    const one = normalizer();
    expect(one.of(answer(joinGroup, { memberId: 'x-17', leader: 'x-17' }))).toEqual({
      memberId: 'member 1',
      leader: 'member 1',
    });
    expect(one.of(answer(joinGroup, { memberId: 'y-4', leader: 'x-17' }))).toEqual({
      memberId: 'member 2',
      leader: 'member 1',
    });
    expect(one.of(answer(joinGroup, { memberId: '', producerId: -1n }))).toEqual({
      memberId: '',
      producerId: '-1',
    });
  });

  it("masks addresses and the engine's time, and keeps the time of the records and whether there is a message", () => {
    const body = {
      host: 'a',
      throttleTimeMs: 3,
      errorMessage: 'no',
      logAppendTimeMs: BigInt(Date.now()),
      timestamp: recordTimeMs,
    };
    expect(normalizer().of(answer(produce, body))).toEqual({
      host: 'masked',
      throttleTimeMs: 'masked',
      errorMessage: 'text',
      logAppendTimeMs: 'time of the engine',
      timestamp: String(recordTimeMs),
    });
    expect(normalizer().of(answer(produce, { errorMessage: null }))).toEqual({ errorMessage: null });
  });

  it('reads record batches', () => {
    const records = Buffer.concat([
      batch(2, { baseOffset: 4n }),
      batch(1, { producerId: 77n, producerEpoch: 1, baseSequence: 3 }),
    ]);
    const times = (last: bigint) => [String(recordTimeMs), String(recordTimeMs + last)];
    expect(normalizer().of(answer(fetch, { records }))).toEqual({
      records: {
        batches: [
          ['4-5 (2)', '0x0', 0, 'none', -1, -1, ...times(1n)],
          ['0-0 (1)', '0x0', 0, 'producer 1', 1, 3, ...times(0n)],
        ],
      },
    });
  });

  it('does not depend on the order of a list or on entries of other sessions', () => {
    const groups = [{ groupId: 'other' }, { groupId: 'd1-7-b' }, { groupId: 'd1-7-a' }];
    expect(normalizer().of(answer(listGroups, { groups }))).toEqual({
      groups: [{ groupId: 'S-a' }, { groupId: 'S-b' }],
    });
    const states = [
      { transactionalId: 'b', producerId: 5n },
      { transactionalId: 'a', producerId: 9n },
    ];
    const inOrder = {
      transactionStates: [
        { transactionalId: 'a', producerId: 'producer 1' },
        { transactionalId: 'b', producerId: 'producer 2' },
      ],
    };
    expect(normalizer().of(answer(describeTransactions, { transactionStates: states }))).toEqual(inOrder);
  });

  it('tells similar entries apart by who appeared before', () => {
    const listed = (...memberIds: string[]) =>
      answer(joinGroup, { members: memberIds.map((memberId) => ({ memberId, metadata: 'm' })) });
    const one = normalizer();
    const other = normalizer();
    for (const each of [one, other]) each.of(answer(joinGroup, { memberId: 'x' }));
    expect(one.of(listed('y', 'x'))).toEqual(other.of(listed('x', 'y')));
  });

  it('sorts the partitions of a transaction, which are a set, and keeps the order of other plain values', () => {
    const body = { topics: [{ topic: 't', partitions: [2, 0, 1] }], unknownStateFilters: ['b', 'a'] };
    expect(normalizer().of(answer(describeTransactions, body))).toEqual({
      ...body,
      topics: [{ topic: 't', partitions: [0, 1, 2] }],
    });
  });

  it("treats the producer id of an unknown transactional id as nobody's", () => {
    expect(normalizer().of(answer(describeTransactions, { producerId: 0n }))).toEqual({ producerId: '0' });
  });

  it('leaves out a batch that the end of an answer cuts off', () => {
    const whole = batch(2);
    const fetched = (records: Buffer) => normalizer().of(answer(fetch, { records }));
    expect(fetched(Buffer.concat([whole, whole.subarray(0, -1)]))).toEqual(fetched(whole));
    expect(fetched(Buffer.concat([whole, whole]))).not.toEqual(fetched(whole));
  });
});
