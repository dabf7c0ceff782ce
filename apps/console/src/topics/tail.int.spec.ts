import { describe, expect, it } from '@jest/globals';
import { until } from '@millrace/testing/within';
import type { RowBatch } from '../api/row-batch.ts';
import type { MessageRow } from '../api/topics.ts';
import { newTopic, testSystem, write } from '../log.fixture.ts';
import { MessageReader } from './message-reader.ts';

const reader = new MessageReader(testSystem());

type Batch = RowBatch<MessageRow>;

async function tailing(topic: string, filter: { readonly key?: string } = {}) {
  const batches: Batch[] = [];
  const subscription = reader.tail(topic, filter).subscribe(({ data }) => {
    batches.push(data as Batch);
  });
  await until(
    () => batches.length,
    (count) => count > 0,
  );
  return {
    batches,
    keys: () => batches.flatMap(({ rows }) => rows.map(({ key }) => key)),
    [Symbol.dispose]: () => subscription.unsubscribe(),
  };
}

const scanned = (batches: readonly Batch[]) => batches.reduce((sum, batch) => sum + batch.scanned, 0);

describe('the tail of a topic', () => {
  it('begins at the end, and shows matching messages that arrive', async () => {
    const topic = await newTopic(2);
    await write([{ topic, key: 'before', value: '1' }]);
    using tail = await tailing(topic, { key: 'wanted' });

    await write([
      { topic, key: 'wanted', value: '2' },
      { topic, key: 'other', value: '3' },
    ]);
    await until(
      () => scanned(tail.batches),
      (count) => count === 2,
    );

    expect(tail.keys()).toEqual(['wanted']);
  });

  it('shows at most 50 messages of a quarter of a second, and counts the others', async () => {
    const topic = await newTopic(1);
    using tail = await tailing(topic);

    await write(Array.from({ length: 1_000 }, (_, index) => ({ topic, key: String(index), value: 'x' })));
    const dropped = () => tail.batches.reduce((sum, batch) => sum + batch.dropped, 0);
    await until(
      () => tail.keys().length + dropped(),
      (count) => count === 1_000,
    );

    expect(dropped()).toBeGreaterThan(0);
    expect(Math.max(...tail.batches.map(({ rows }) => rows.length))).toBe(50);
    expect(tail.keys().at(-1)).toBe('999');
  });

  it('reports why it cannot read', async () => {
    using tail = await tailing('nonesuch');
    expect(tail.batches[0]).toMatchObject({
      rows: [],
      failure: { reason: expect.stringContaining('nonesuch') },
    });
  });
});
