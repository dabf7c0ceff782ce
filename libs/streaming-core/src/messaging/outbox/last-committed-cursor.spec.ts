import { describe, expect, it } from '@jest/globals';
import type { ConsumedRecord, FetchPosition } from '../../client/index.ts';
import { ManualClock } from '../../runtime/manual-clock.fake.ts';
import { lastCommittedCursor } from './relay-transactions.ts';
import { noteOf, type PublishedMark } from './published-marks.ts';

const at = { topic: 'order-relay-cursor', partition: 0 };

const mark = (position: bigint): PublishedMark => ({ storeId: 'store', position, messageId: 'message' });

/** A partition whose offsets have no record, except for the given ones. */
function partitionWith({
  begin = 0n,
  end,
  values,
  stableEnd = end,
}: {
  begin?: bigint;
  end: bigint;
  values: ReadonlyMap<bigint, string>;
  stableEnd?: bigint;
}) {
  const clock = new ManualClock();
  const fetches: bigint[] = [];
  const recordOf = (offset: bigint): ConsumedRecord => ({
    ...at,
    offset,
    timestampMs: 0,
    key: null,
    value: Buffer.from(values.get(offset) ?? ''),
    headers: new Map(),
  });
  const read = lastCommittedCursor({
    at,
    ends: {
      identify: async () => new Map(),
      beginningOffsets: async () => [{ ...at, offset: begin }],
      endOffsets: async () => [{ ...at, offset: end }],
    },
    reader: {
      identify: async () => new Map(),
      async fetch([{ offset }]: readonly [FetchPosition]) {
        fetches.push(offset);
        const next = offset + 400n < stableEnd ? offset + 400n : stableEnd;
        if (next === offset) await clock.advance(600);
        const offsets = [...values.keys()].filter((found) => found >= offset && found < next);
        return [{ ...at, records: offsets.map(recordOf), nextOffset: next, highWatermark: end }];
      },
    },
    clock,
    timeoutMs: 1_000,
  });
  return { read, fetches };
}

describe('the cursor of a relay on the log', () => {
  it('is the last one in the partition, and none in an empty partition', async () => {
    const values = new Map([3n, 7n, 8n].map((offset) => [offset, noteOf(mark(offset))]));

    expect(await partitionWith({ end: 10n, values }).read).toEqual(mark(8n));
    expect(await partitionWith({ end: 0n, values: new Map() }).read).toBeUndefined();
  });

  it('is found among other records', async () => {
    const values = new Map([
      [3n, noteOf(mark(3n))],
      [4n, 'a record of another program'],
    ]);

    expect(await partitionWith({ end: 10n, values }).read).toEqual(mark(3n));
  });

  it('is found near the end without reading a partition that was never compacted', async () => {
    const values = new Map([[2_000_000n, noteOf(mark(1n))]]);
    const { read, fetches } = partitionWith({ end: 2_000_002n, values });

    expect(await read).toEqual(mark(1n));
    expect(fetches[0]).toBe(1_999_002n);
  });

  it('is found far before the end, behind many aborted transactions', async () => {
    const values = new Map([[12n, noteOf(mark(1n))]]);
    const { read, fetches } = partitionWith({ begin: 10n, end: 5_000n, values });

    expect(await read).toEqual(mark(1n));
    expect(fetches).toContain(10n);
  });

  it('is not known while a transaction is open before the end of the partition', async () => {
    const values = new Map([[3n, noteOf(mark(3n))]]);
    const { read } = partitionWith({ end: 10n, values, stableEnd: 5n });

    await expect(read).rejects.toMatchObject({
      code: 'timeout',
      message: expect.stringContaining('a foreign transaction is open at offset 5'),
    });
  });
});
