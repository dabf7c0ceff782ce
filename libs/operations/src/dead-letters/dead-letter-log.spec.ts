import { describe, expect, it } from '@jest/globals';
import { ClientError, type FetchedRecord, type OpenLogReader } from '@millrace/streaming-core/client';
import { deadLetterLog } from './dead-letter-log.ts';

const topic = 'shelf-commands.dlq';
const topicId = '0193f000-0000-7000-8000-000000000001';

const letter = (offset: bigint): FetchedRecord =>
  ({
    topic,
    partition: 0,
    offset,
    key: Buffer.from('order-1'),
    value: Buffer.from('{}'),
    headers: new Map([
      ['dlq_group', 'shelf'],
      ['dlq_topic', 'shelf-commands'],
    ]),
    timestampMs: 0,
  }) as unknown as FetchedRecord;

const outOfRange = new ClientError('offset_out_of_range', 'the offset is not on the log');

/**
 * A log of dead letters that gives one record for each fetch. The records before `deletedBefore` are
 * deleted once the first of them is read. The first `emptyFetches` return nothing.
 */
function logOf(begin: bigint, end: bigint, { deletedBefore = begin, emptyFetches = 0 } = {}) {
  const fetched: bigint[] = [];
  const reader = {
    identify: () => Promise.resolve(),
    beginningOffsets: () =>
      Promise.resolve([{ topic, partition: 0, offset: fetched.length > 0 ? deletedBefore : begin }]),
    endOffsets: () => Promise.resolve([{ topic, partition: 0, offset: end }]),
    fetch: ([at]: readonly { readonly offset: bigint }[]) => {
      fetched.push(at!.offset);
      if (fetched.length <= emptyFetches) return Promise.resolve([{ records: [], nextOffset: at!.offset }]);
      if (at!.offset < deletedBefore) return Promise.resolve([{ error: outOfRange, records: [] }]);
      return Promise.resolve([{ records: [letter(at!.offset)], nextOffset: at!.offset + 1n }]);
    },
  } as unknown as OpenLogReader;
  const log = deadLetterLog({
    reader,
    describeTopics: () => Promise.resolve(new Map([[topic, { clusterId: 'one', topicId, partitions: 1 }]])),
    topics: ['shelf-commands'],
    groups: ['shelf'],
  });
  return { log, fetched };
}

describe('one dead letter', () => {
  it('is read without those that follow it', async () => {
    const { log, fetched } = logOf(2n, 100n);
    expect(await log.one({ topic, partition: 0, offset: 7n })).toMatchObject({ id: `${topic}:0:7` });
    expect(fetched).toEqual([7n]);
  });

  it('is found although a fetch returns nothing, because another one reads the same partition', async () => {
    const { log, fetched } = logOf(2n, 100n, { emptyFetches: 1 });
    expect(await log.one({ topic, partition: 0, offset: 7n })).toMatchObject({ id: `${topic}:0:7` });
    expect(fetched).toEqual([7n, 7n]);
  });

  it.each([1n, 100n])('is not found at an offset that the log does not have: %s', async (offset) => {
    const { log, fetched } = logOf(2n, 100n);
    expect(await log.one({ topic, partition: 0, offset })).toBeUndefined();
    expect(fetched).toEqual([]);
  });
});

describe('the dead letters of a service', () => {
  it('are read to the end although another operator decides the first ones meanwhile, which deletes them', async () => {
    const { log, fetched } = logOf(2n, 6n, { deletedBefore: 4n });
    const { letters, next } = await log.scan(undefined, 10, () => true);
    expect(letters.map(({ offset }) => offset)).toEqual([4n, 5n]);
    expect(next).toBeUndefined();
    expect(fetched).toEqual([2n, 4n, 5n]);
  });

  it('are none if all were deleted meanwhile', async () => {
    const { log } = logOf(2n, 6n, { deletedBefore: 6n });
    expect(await log.scan(undefined, 10, () => true)).toEqual({ letters: [], next: undefined });
  });
});

describe('a page of dead letters', () => {
  it('is read from its place on, and no further than it has letters', async () => {
    const { log, fetched } = logOf(0n, 100n);
    const { next } = await log.scan({ topic, partition: 0, offset: 40n }, 2, () => true);
    expect(next).toMatchObject({ offset: 42n });
    expect(fetched).toEqual([40n, 41n, 42n]);
  });

  it('at the beginning of a topic is read without those that follow it', async () => {
    const { log, fetched } = logOf(2n, 100n);
    for await (const { letters, end } of log.beginning(topic)) {
      expect({ count: letters.length, end }).toEqual({ count: 1, end: 3n });
      break;
    }
    expect(fetched).toEqual([2n]);
  });
});
