import { describe, expect, it } from '@jest/globals';
import { fc } from '@millrace/testing/random';
import { RecordBatch } from '../../records/record-batch.ts';
import { recordsOf } from '../../records/records.ts';
import { encodeBatch, stampBatch } from './batch-encoding.ts';
import { RecordBlock } from './record-block.ts';
import { encodeRecord } from './record-encoding.ts';

const record = fc.record({
  topic: fc.constant('orders'),
  key: fc.option(fc.string({ maxLength: 40 })),
  value: fc.option(fc.constantFrom(0, 63, 64, 8_192).map((length) => 'x'.repeat(length))),
  headers: fc.dictionary(fc.string(), fc.string(), { maxKeys: 1 }),
  timestampMs: fc.integer({ min: 0, max: 2 ** 48 }),
});

function bytesOf(block: RecordBlock): Buffer {
  const bytes = encodeBatch(block, { transactional: false, compression: 'none' }) as Buffer;
  stampBatch(bytes, { producerId: 1n, producerEpoch: 2, baseSequence: 3 });
  return bytes;
}

const blockOf = (records: readonly Parameters<typeof encodeRecord>[0][]): RecordBlock => {
  const block = new RecordBlock(0);
  records.forEach((one, index) => block.append(encodeRecord(one, index, 0, 1_000_000)));
  return block;
};

describe('the records of a batch', () => {
  it('are copied when they are appended', () => {
    const value = Buffer.from('before');
    const block = blockOf([{ topic: 'orders', key: value, value }]);

    value.fill('x');

    expect(recordsOf(new RecordBatch(bytesOf(block)))).toMatchObject([
      { key: Buffer.from('before'), value: Buffer.from('before') },
    ]);
  });

  it('leave their memory to other batches once they are freed', () => {
    const value = 'x'.repeat(100_000);
    const first = blockOf([{ topic: 'orders', key: null, value }]);
    const memory = first.bytes.buffer;
    expect(blockOf([{ topic: 'orders', key: null, value }]).bytes.buffer).not.toBe(memory);

    first.free();
    first.free();

    expect(first.bytes).toHaveLength(0);
    expect(blockOf([{ topic: 'orders', key: null, value }]).bytes.buffer).toBe(memory);
    expect(blockOf([{ topic: 'orders', key: null, value }]).bytes.buffer).not.toBe(memory);
  });

  it('are as if they alone had been appended after others were withdrawn', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(record, fc.boolean()), { maxLength: 150 }), (given) => {
        const kept = given.filter(([, isKept]) => isKept).map(([one]) => one);

        const block = blockOf(given.map(([one]) => one)).filter((index) => given[index]![1]);

        expect(block.count).toBe(kept.length);
        expect(bytesOf(block).equals(bytesOf(blockOf(kept)))).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});
