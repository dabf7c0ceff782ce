import { describe, expect, it } from '@jest/globals';
import { RecordBatch } from '../../records/record-batch.ts';
import { appendAll, batchOf, logFolder } from '../data-folder/log-folder.fixture.ts';

describe('an idempotent producer', () => {
  const suite = logFolder();
  const sent = (baseSequence: number, producerEpoch = 0) =>
    batchOf(['x', 'y'], { producerId: 7n, producerEpoch, baseSequence });
  const refused = (errorName: string) => expect.objectContaining({ errorName });

  it('gets the first offsets again for a repeated batch, which is durable no sooner than the first', async () => {
    const partition = await suite.create();
    const order: string[] = [];
    const first = partition.append(new RecordBatch(sent(0)));
    const again = partition.append(new RecordBatch(sent(0)));
    void again.durable.then(() => order.push(`again at ${partition.highWatermark}`));
    expect(again).toMatchObject({ duplicate: true, baseOffset: 0n, lastOffset: 1n });
    await first.durable;
    await again.durable;
    expect(order).toEqual(['again at 2']);
    expect(partition.logEndOffset).toBe(2n);
  });

  it.each([
    ['clean shutdown', () => suite.close()],
    ['crash', () => suite.crash()],
  ])('is still known after a %s, with its last five batches', async (_, stop) => {
    const partition = await suite.create({ 'segment.bytes': '300' });
    for (let index = 0; index < 7; index += 1) await appendAll(partition, sent(index * 2));
    await stop();
    const reopened = await suite.reopen();
    for (let index = 2; index < 7; index += 1)
      expect(reopened.append(new RecordBatch(sent(index * 2)))).toMatchObject({
        duplicate: true,
        baseOffset: BigInt(index * 2),
      });
    expect(() => reopened.append(new RecordBatch(sent(2)))).toThrow(refused('OUT_OF_ORDER_SEQUENCE_NUMBER'));
    expect(() => reopened.append(new RecordBatch(sent(16)))).toThrow(refused('OUT_OF_ORDER_SEQUENCE_NUMBER'));
    expect(() => reopened.append(new RecordBatch(sent(14, -1)))).toThrow(refused('INVALID_PRODUCER_EPOCH'));
    await appendAll(reopened, sent(14), sent(0, 1));
    expect(() => reopened.append(new RecordBatch(sent(16, 0)))).toThrow(refused('INVALID_PRODUCER_EPOCH'));
  });

  it('is unknown to a topic that was deleted and recreated', async () => {
    const manager = await suite.open();
    for (const round of [1, 2]) {
      await manager.createTopic({ name: 'orders', partitions: 1 });
      expect(manager.partition('orders', 0)!.append(new RecordBatch(sent(4))).duplicate).toBe(false);
      if (round === 1) await manager.deleteTopic('orders');
    }
  });
});
