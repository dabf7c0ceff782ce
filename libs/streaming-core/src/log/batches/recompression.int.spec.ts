import { describe, expect, it } from '@jest/globals';
import { appendAll, batchOf, everything, logFolder, readAll } from '../data-folder/log-folder.fixture.ts';
import { RecordBatch, type CompressionCodec } from '../../records/record-batch.ts';

const codecs: readonly CompressionCodec[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
const values = Array.from({ length: 20 }, (_, index) => `value ${index % 3}`);
const [tooLarge, listTooLarge] = ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'].map((errorName) =>
  expect.objectContaining({ errorName }),
);

describe('a topic with its own codec', () => {
  const suite = logFolder();

  it.each(['uncompressed', ...codecs.slice(1)])(
    'L53 stores every batch in %s, with its records and its producer',
    async (type) => {
      const partition = await suite.create({ 'compression.type': type });
      for (const [sequence, codec] of codecs.entries()) {
        const producer = { producerId: 7n, producerEpoch: 0, baseSequence: sequence * values.length };
        await appendAll(partition, batchOf(values, { codec, ...producer }));
        const batch = new RecordBatch(partition.read(BigInt(sequence * values.length), everything));
        expect(batch.codec).toEqual(type === 'uncompressed' ? 'none' : type);
        expect(batch.computeCrc()).toEqual(batch.crc);
        expect(batch).toMatchObject({
          ...producer,
          recordCount: values.length,
          lastOffsetDelta: values.length - 1,
        });
      }
      expect(readAll(partition)).toEqual(
        codecs.flatMap((_, turn) => values.map((value, place) => `${turn * values.length + place}:${value}`)),
      );
    },
  );

  it('recognises a repeated batch, even in a transaction', async () => {
    const partition = await suite.create({ 'compression.type': 'zstd' });
    const sent = () =>
      batchOf(values, { producerId: 7n, producerEpoch: 0, baseSequence: 0, transactional: true });
    partition.append(new RecordBatch(sent()), { inTransaction: true });
    expect(partition.append(new RecordBatch(sent()), { inTransaction: true })).toMatchObject({
      duplicate: true,
      baseOffset: 0n,
    });
    expect(partition.hasOpenTransaction(7n, 0)).toBe(true);
  });

  it('rejects a batch that is too large in that codec', async () => {
    const partition = await suite.create({ 'compression.type': 'uncompressed', 'max.message.bytes': '300' });
    const sent = () => batchOf(values, { codec: 'gzip' });
    expect(() => partition.append(new RecordBatch(sent()))).toThrow(tooLarge);
    const manager = await suite.open({ dataFolder: `${suite.dataFolder}/other` });
    const configs = new Map([['compression.type', 'uncompressed'], ['segment.bytes', '300']]); // prettier-ignore
    await manager.createTopic({ name: 'orders', partitions: 1, configs });
    expect(() => manager.partition('orders', 0)!.append(new RecordBatch(sent()))).toThrow(listTooLarge);
  });

  it('rejects bytes that do not match the codec of their batch', async () => {
    const partition = await suite.create({ 'compression.type': 'gzip' });
    const bytes = batchOf(values, { codec: 'lz4' });
    bytes.fill(0xff, 90, 120);
    bytes.writeUInt32BE(new RecordBatch(bytes).computeCrc(), 17);
    expect(() => partition.append(new RecordBatch(bytes))).toThrow(
      expect.objectContaining({ errorName: 'INVALID_RECORD' }),
    );
  });
});
