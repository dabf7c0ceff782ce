import { describe, expect, it } from '@jest/globals';
import { serdes } from '@millrace/streams';
import { TopologyTestDriver } from '@millrace/streams/test-driver';
import { wordCount } from './topologies/word-count.ts';

describe('G32 word count', () => {
  it('sends each update of a count with caching off', () => {
    using driver = new TopologyTestDriver(wordCount());
    pipe(driver, ['Hello Kafka', 'hello streams']);

    expect(counts(driver)).toEqual([
      ['hello', 1],
      ['kafka', 1],
      ['hello', 2],
      ['streams', 1],
    ]);
    expect(totals(driver)).toEqual({ hello: 2, kafka: 1, streams: 1 });
  });

  it('splits as Java does: an empty word in front counts, one at the end does not', () => {
    using driver = new TopologyTestDriver(wordCount());
    pipe(driver, ['done!', ' a', '']);

    expect(counts(driver)).toEqual([
      ['done', 1],
      ['', 1],
      ['a', 1],
      ['', 2],
    ]);
  });
});

function pipe(driver: TopologyTestDriver, lines: readonly string[]): void {
  const input = driver.createInputTopic('input-topic', serdes.string, serdes.string);
  lines.forEach((line) => input.pipeInput(null, line, 0));
}

const counts = (driver: TopologyTestDriver) =>
  driver.createOutputTopic('word-counts-output', serdes.string, serdes.safeLong).readKeyValuesToList();

function totals(driver: TopologyTestDriver): Readonly<Record<string, number>> {
  using entries = driver.getKeyValueStore<string, number>('counts').all();
  return Object.fromEntries([...entries].map(({ key, value }) => [key, value]));
}
