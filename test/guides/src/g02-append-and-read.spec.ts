import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { pause, systemClock } from '@millrace/streaming-core/runtime';
import { kcat, readTopic } from '@millrace/testing/kcat';
import { partitionFolder, sharedStack } from '@millrace/test-support/stack';
import { StackLog } from './stack-log.ts';

const stack = sharedStack();
const log = new StackLog(stack);
afterAll(() => log.close());

const longPollMs = 20_000;
const reader = log.consumer({ clientId: 'reader', groupId: 'g02', topics: [], fetchMaxWaitMs: longPollMs });

describe('G02 append and read from the middle', () => {
  it('gives the five orders of partition 0 the offsets 0 to 4', async () => {
    const topic = await log.newTopic(`append-${randomUUID()}`, 1);

    const written = await appendTo(topic, [100, 103, 106, 109, 112]);

    expect(written).toEqual([0n, 1n, 2n, 3n, 4n]);
    expect(await readByKcat(topic)).toEqual([
      '0 {"order_id":100}',
      '1 {"order_id":103}',
      '2 {"order_id":106}',
      '3 {"order_id":109}',
      '4 {"order_id":112}',
    ]);
  });

  it('reads 106, 109, 112 from offset 2, in this order', async () => {
    const topic = await fiveOrders();

    const { records, nextOffset } = await readAt(topic, 2n);

    expect(records.map(({ value }) => JSON.parse(String(value)) as unknown)).toEqual([
      { order_id: 106 },
      { order_id: 109 },
      { order_id: 112 },
    ]);
    expect(nextOffset).toBe(5n);
    expect(await readByKcat(topic, '-o', '2')).toEqual([
      '2 {"order_id":106}',
      '3 {"order_id":109}',
      '4 {"order_id":112}',
    ]);
  });

  it('makes a reader at offset 5 wait for the next append, which gets offset 5', async () => {
    const topic = await fiveOrders();
    const startedAt = performance.now();
    const waiting = readAt(topic, 5n);
    const stillWaits = Promise.race([waiting.then(() => false), pause(systemClock, 500).then(() => true)]);
    expect(await stillWaits).toBe(true);

    expect(await appendTo(topic, [115])).toEqual([5n]);

    const { records } = await waiting;
    expect(records.map(({ offset, value }) => [offset, String(value)])).toEqual([[5n, '{"order_id":115}']]);
    // The append ended the poll, not its time limit.
    expect(performance.now() - startedAt).toBeLessThan(longPollMs);
  });

  it('rejects a read from offset 6, beyond the end, with OFFSET_OUT_OF_RANGE', async () => {
    const topic = await fiveOrders();

    const { error, records } = await readAt(topic, 6n);

    expect(records).toEqual([]);
    expect(error).toMatchObject({
      code: 'offset_out_of_range',
      message: expect.stringContaining('OFFSET_OUT_OF_RANGE'),
    });
    await expect(readByKcat(topic, '-o', '6', '-X', 'topic.auto.offset.reset=error')).rejects.toThrow(
      /Offset out of range/i,
    );
  });

  it('never changes what is written', async () => {
    const topic = await fiveOrders();
    const recordsBefore = await readTopic(log.bootstrapServers, topic);
    const bytesBefore = await segmentOf(topic);

    await appendTo(topic, [115, 118]);

    expect((await readTopic(log.bootstrapServers, topic)).slice(0, 5)).toEqual(recordsBefore);
    const bytesAfter = await segmentOf(topic);
    expect(bytesAfter.length).toBeGreaterThan(bytesBefore.length);
    expect(bytesAfter.subarray(0, bytesBefore.length).equals(bytesBefore)).toBe(true);
  });
});

async function fiveOrders(): Promise<string> {
  const topic = await log.newTopic(`append-${randomUUID()}`, 1);
  await appendTo(topic, [100, 103, 106, 109, 112]);
  return topic;
}

/** Sends the orders one by one to partition 0 and resolves to their offsets. */
async function appendTo(topic: string, orderIds: readonly number[]): Promise<readonly bigint[]> {
  const offsets: bigint[] = [];
  for (const orderId of orderIds) {
    const [written] = await log.producer.send([
      { topic, key: null, value: JSON.stringify({ order_id: orderId }), partition: 0 },
    ]);
    if (written !== undefined) offsets.push(written.offset);
  }
  return offsets;
}

async function readAt(topic: string, offset: bigint) {
  const [answer] = await reader.fetch([{ topic, partition: 0, offset }]);
  if (answer === undefined) throw new Error(`no answer for partition 0 of ${topic}`);
  return answer;
}

async function readByKcat(topic: string, ...options: readonly string[]): Promise<readonly string[]> {
  const output = await kcat([
    '-b',
    log.bootstrapServers,
    '-C',
    '-t',
    topic,
    '-p',
    '0',
    '-e',
    '-q',
    '-f',
    '%o %s\n',
    ...options,
  ]);
  return output.trim().split('\n');
}

const segmentOf = (topic: string): Promise<Buffer> =>
  readFile(join(partitionFolder(stack, topic, 0), `${'0'.repeat(20)}.log`));
