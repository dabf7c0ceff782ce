import { describe, expect, it } from '@jest/globals';
import { consumed, grouped, materialized, serdes, StreamsBuilder } from '../index.ts';
import { TopologyTestDriver } from '../test-driver.ts';

const strings = consumed(serdes.string, serdes.string);
const hex = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString('hex'));

describe('a grouped table', () => {
  it('moves a row in one record between groups whose keys have equal bytes, but are different objects', () => {
    const builder = new StreamsBuilder();
    builder
      .table('t', strings)
      .groupBy((_key, value) => [Buffer.from('g'), value], grouped(serdes.bytes, serdes.string))
      .count(materialized('counts'));
    using driver = new TopologyTestDriver(builder.build(), { applicationId: 'app' });
    const input = driver.createInputTopic('t', serdes.string, serdes.string);

    input.pipeInput('a', 'x', 0);
    input.pipeInput('a', 'y', 1);

    const changes = driver.createOutputTopic('app-counts-repartition', serdes.string, serdes.bytes);
    expect(changes.readRecordsToList().map(({ value }) => hex(value))).toEqual(['7801', '02797802']);
  });

  it('subtracts before it adds', () => {
    const builder = new StreamsBuilder();
    builder
      .table('t', strings)
      .groupBy((_key, value) => [value.slice(0, 1), value], grouped(serdes.string, serdes.string))
      .reduce(
        (all, value) => all + value,
        (all, value) => all.replace(value, ''),
      )
      .toStream()
      .to('o');
    using driver = new TopologyTestDriver(builder.build());
    const input = driver.createInputTopic('t', serdes.string, serdes.string);

    for (const [key, value] of ['a:x1', 'b:x2', 'a:x3'].map((text) => text.split(':')))
      input.pipeInput(key!, value!, 0);

    const reduced = driver.createOutputTopic('o', serdes.string, serdes.string);
    expect(reduced.readValuesToList()).toEqual(['x1', 'x1x2', 'x2x3']);
  });
});

describe('a transformed table', () => {
  it('closes its transformers', () => {
    const closed: string[] = [];
    const builder = new StreamsBuilder();
    builder.table('t', strings).transformValues(() => ({
      transform: () => null,
      close: () => closed.push('transformer'),
    }));
    const driver = new TopologyTestDriver(builder.build());

    driver.close();

    expect(closed).toEqual(['transformer']);
  });
});
