import { describe, expect, it } from '@jest/globals';
import { fc } from '@millrace/testing/random';
import { RecordBatch } from '../../records/record-batch.ts';
import { recordsOf } from '../../records/records.ts';
import { encodeBatch, stampBatch, type BatchForm } from './batch-encoding.ts';
import { RecordBlock } from './record-block.ts';
import { encodeRecord } from './record-encoding.ts';
import type { ProducerRecord } from '../producer-types.ts';

/** Includes the lengths just below and above the limits of one-byte and two-byte varints. */
const text = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.constantFrom(0, 63, 64, 8_191, 8_192).map((length) => 'x'.repeat(length)),
  fc.constant('ключ 日本'),
);
const record = fc.record({
  topic: fc.constant('orders'),
  key: fc.option(text),
  value: fc.option(text),
  headers: fc.dictionary(text, text, { maxKeys: 2 }),
  timestampMs: fc.integer({ min: 0, max: 2 ** 48 }),
});
const form = fc.record({
  compression: fc.constantFrom('none', 'gzip', 'snappy', 'lz4', 'zstd'),
  transactional: fc.boolean(),
});
const origin = { producerId: 2n ** 53n + 1n, producerEpoch: 32_767, baseSequence: 2 ** 31 - 1 };

async function encoded(records: readonly ProducerRecord[], as: BatchForm): Promise<RecordBatch> {
  const block = new RecordBlock(0);
  records.forEach((one, index) => block.append(encodeRecord(one, index, 0, 1_000_000)));
  const bytes = await encodeBatch(block, as);
  stampBatch(bytes, origin);
  return new RecordBatch(bytes);
}

/** Decodes a batch as the log does. */
const read = (batch: RecordBatch) =>
  recordsOf(batch)?.map(({ offset, timestampMs, key, value, headers }) => ({
    offset,
    timestampMs: Number(timestampMs),
    key: key?.toString() ?? null,
    value: value?.toString() ?? null,
    headers: Object.fromEntries(headers.map(([name, content]) => [name, content?.toString()])),
  }));

describe('a batch encoded by the producer', () => {
  it(
    'is decoded by the log to the same records with every codec',
    () =>
      fc.assert(
        fc.asyncProperty(
          fc.array(record, { minLength: 1, maxLength: 70 }),
          form,
          async (records, { compression, transactional }) => {
            const batch = await encoded(records, { compression, transactional });

            expect(batch).toMatchObject({
              ...origin,
              codec: compression,
              isTransactional: transactional,
              magic: 2,
              isControl: false,
            });
            expect(batch).toMatchObject({
              recordCount: records.length,
              lastOffsetDelta: records.length - 1,
              sizeBytes: batch.bytes.length,
            });
            expect(batch.crc).toBe(batch.computeCrc());
            expect(batch.maxTimestamp).toBe(
              BigInt(Math.max(...records.map(({ timestampMs }) => timestampMs))),
            );
            expect(read(batch)).toEqual(
              records.map(({ timestampMs, key, value, headers }, index) => ({
                offset: BigInt(index),
                timestampMs,
                key,
                value,
                headers: { ...headers },
              })),
            );
          },
        ),
        { numRuns: 30 },
      ),
    30_000,
  );
});
