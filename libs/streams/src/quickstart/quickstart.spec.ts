import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { minutes } from '@millrace/streaming-core/runtime';
import { serdes } from '../index.ts';
import { wordCount } from '../runtime/word-count.fixture.ts';
import { TopologyTestDriver } from '../test-driver.ts';
import { ordersPerMinute } from './orders-per-minute.fixture.ts';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

/** The lines of a function that make its topology. */
const topologyIn = (path: string): string =>
  /const builder[\s\S]*?;\n {2}builder\n([\s\S]*?;)\n/
    .exec(readFileSync(new URL(path, import.meta.url), 'utf8'))![1]!
    .replaceAll(/^ {2}/gm, '');

describe('the README', () => {
  it('shows the topologies that these tests run', () => {
    const generic = (text: string) =>
      text.replace('stream(input,', "stream('lines',").replace('.to(output,', ".to('word-counts',");

    expect(readme).toContain(generic(topologyIn('../runtime/word-count.fixture.ts')));
    expect(readme).toContain(topologyIn('./orders-per-minute.fixture.ts'));
  });

  it('counts words', () => {
    using driver = new TopologyTestDriver(wordCount('lines', 'word-counts'));
    const lines = driver.createInputTopic('lines', serdes.string, serdes.string);
    const counts = driver.createOutputTopic('word-counts', serdes.string, serdes.safeLong);

    lines.pipeInput('a', 'all streams lead to Kafka', 0);
    lines.pipeInput('b', 'hello Kafka', 1);

    expect(counts.readKeyValuesToMap()).toEqual(
      new Map([
        ['all', 1],
        ['streams', 1],
        ['lead', 1],
        ['to', 1],
        ['hello', 1],
        ['kafka', 2],
      ]),
    );
  });

  it('counts orders per minute and SKU, and sets late ones apart', () => {
    using driver = new TopologyTestDriver(ordersPerMinute());
    const orders = driver.createInputTopic('orders', serdes.string, serdes.json<object>());
    const counts = driver.createOutputTopic(
      'orders-per-minute',
      serdes.timeWindowed(serdes.string, minutes(1)),
      serdes.safeLong,
    );
    const late = driver.createOutputTopic('late-orders', serdes.string, serdes.json<object>());
    const lamp = { sku: 'lamp', quantity: 1 };

    orders.pipeInput('1', lamp, 0);
    orders.pipeInput('2', lamp, minutes(1) - 1);
    orders.pipeInput('3', { sku: 'desk', quantity: 1 }, minutes(6));
    orders.pipeInput('4', lamp, 0);

    const found = [...counts.readKeyValuesToMap()].map(([windowed, count]) => [
      windowed?.key,
      windowed?.window.startMs,
      count,
    ]);
    expect(found).toEqual(
      expect.arrayContaining([
        ['lamp', 0, 2],
        ['desk', minutes(6), 1],
      ]),
    );
    expect(late.readRecord()).toMatchObject({ key: 'lamp', value: lamp });
  });
});
