import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { connectTransactionalProducer } from '@millrace/streaming-core/client';
import { newTopic, testCluster, testSystem, write } from '../log.fixture.ts';
import { MessageReader, type MessageQuery } from './message-reader.ts';

const hostile = '<img src=x onerror=alert(1)>';

describe('the messages of a topic', () => {
  let topic: string;
  const reader = new MessageReader(testSystem());
  const found = async (query: Partial<MessageQuery>) => {
    const page = await reader.page(topic, { from: 'beginning', raw: false, ...query });
    return page.rows.map(({ partition, offset }) => `${partition}@${offset}`);
  };

  beforeAll(async () => {
    topic = await newTopic(2);
    await write([
      {
        topic,
        partition: 0,
        key: 'a',
        value: '{"total":1}',
        headers: { ce_type: 'OrderCreated', ce_correlationid: 'story' },
        timestampMs: 1_000,
      },
      {
        topic,
        partition: 0,
        key: hostile,
        value: hostile,
        headers: { [hostile]: hostile },
        timestampMs: 2_000,
      },
      { topic, partition: 0, key: 'a', value: null, timestampMs: 3_000 },
      { topic, partition: 1, key: 'b', value: '{"type":"OrderCompleted"}', timestampMs: 4_000 },
    ]);
  });

  it.each([
    ['everything, in the order of time', {}, ['0@0', '0@1', '0@2', '1@0']],
    ['the last of each partition', { from: '-1' }, ['0@2', '1@0']],
    ['an offset', { from: '1', partition: 0 }, ['0@1', '0@2']],
    ['a time', { from: '1970-01-01T00:00:03Z' }, ['0@2', '1@0']],
    ['a key', { key: 'a' }, ['0@0', '0@2']],
    ['a type by its header', { type: 'OrderCreated' }, ['0@0']],
    ['a type by its value', { type: 'OrderCompleted' }, ['1@0']],
    ['a correlation id', { correlationId: 'story' }, ['0@0']],
    ['a text in the value', { text: 'ONERROR' }, ['0@1']],
    ['the end', { from: 'end' }, []],
  ])('are found by %s', async (_what, query, places) => {
    expect(await found(query)).toEqual(places);
  });

  it('come with the scanned ranges, even if nothing matches', async () => {
    expect(await reader.page(topic, { from: 'beginning', raw: false, key: 'nobody' })).toEqual({
      rows: [],
      scanned: 4,
      ranges: [
        { partition: 0, from: 0, to: 3, end: 3 },
        { partition: 1, from: 0, to: 1, end: 1 },
      ],
      next: null,
    });
  });

  it('continue where the previous request ended', async () => {
    const large = await newTopic(1);
    await write(
      Array.from({ length: 600 }, (_, index) => ({ topic: large, key: null, value: String(index) })),
    );

    const first = await reader.page(large, { from: 'beginning', raw: false });
    const second = await reader.page(large, { from: 'beginning', raw: false, positions: first.next ?? '' });

    expect(first).toMatchObject({ scanned: 500, next: '0:500' });
    expect(second.rows.map(({ line }) => line)).toEqual(
      Array.from({ length: 100 }, (_, index) => String(500 + index)),
    );
    expect(second.next).toBeNull();
  });

  it('are opened as text with all of their headers', async () => {
    expect(await reader.one(topic, 0, 1)).toMatchObject({
      row: { key: hostile },
      value: hostile,
      headers: [{ name: hostile, value: hostile }],
      isCut: false,
    });
    expect(await reader.one(topic, 0, 2)).toMatchObject({ value: null, valueBytes: 0 });
  });

  it('are cut if they are large, and say so', async () => {
    const large = await newTopic(1);
    await write([{ topic: large, key: null, value: 'x'.repeat(150_000) }]);

    const message = await reader.one(large, 0, 0);

    expect(message).toMatchObject({ isCut: true, valueBytes: 150_000 });
    expect(message.value).toHaveLength(100_000);
  });

  it('are shown raw with their batches, markers and transactions', async () => {
    const own = await newTopic(1);
    const producer = connectTransactionalProducer({ ...testCluster, transactionalId: randomUUID() });
    await producer.transaction((transaction) => transaction.send([{ topic: own, key: 'kept', value: '1' }]));
    const aborted = await producer.begin();
    await aborted.send([{ topic: own, key: 'undone', value: '2' }]);
    await aborted.abort();
    await producer.close();

    const { rows } = await reader.page(own, { from: 'beginning', raw: true });
    const plain = await reader.page(own, { from: 'beginning', raw: false });

    expect(rows.map(({ key, raw }) => [key, raw?.control, raw?.transaction])).toEqual([
      ['kept', null, 'committed'],
      [null, 'commit', 'none'],
      ['undone', null, 'aborted'],
      [null, 'abort', 'none'],
    ]);
    expect(plain.rows.map(({ key }) => key)).toEqual(['kept']);
  });

  it('are refused at an offset or partition that does not exist', async () => {
    await expect(reader.one(topic, 0, 99)).rejects.toMatchObject({ code: 'offset_out_of_range' });
    await expect(found({ partition: 7 })).rejects.toThrow('has no partition 7: give a number from 0 to 1');
    await expect(found({ from: 'yesterday' })).rejects.toThrow(
      'from yesterday: give beginning, end, an offset',
    );
  });
});
