import { describe, expect, it } from '@jest/globals';
import type { ProcessorSupplier } from '../index.ts';
import { consumed, grouped, materialized, produced, serdes, StreamsBuilder } from '../index.ts';
import { described } from './described.fixture.ts';

const strings = consumed(serdes.string, serdes.string);
const asStrings = produced(serdes.string, serdes.string);
const nothing: ProcessorSupplier<string, string, string, string> = () => ({ process: () => undefined });
const same = <T>(value: T): T => value;

describe('the description of a topology', () => {
  it('T02 lists many successors in the order of Kafka Streams', () => {
    const builder = new StreamsBuilder();
    const stream = builder.stream('t', strings);
    stream.to('o1');
    stream.mapValues(same).to('o2', asStrings);
    stream
      .filter(() => true)
      .mapValues(same)
      .to('o3', asStrings);
    stream.foreach(() => undefined);
    stream
      .peek(() => undefined)
      .peek(() => undefined)
      .peek(() => undefined)
      .to('o5');
    stream.process(nothing).to('o6', asStrings);
    stream.processValues(nothing, { named: 'pv' }).to('o7', asStrings);
    stream.print({ write: () => undefined, label: 'L', named: 'pr' });

    expect(builder.build().describe()).toBe(described.eightSuccessors);
  });

  it('T02 counts a node twice if two branches lead to it', () => {
    const builder = new StreamsBuilder();
    const stream = builder.stream('t', strings);
    const one = stream.filter(() => true);
    const other = stream.filterNot(() => false);
    one.merge(other).merge(stream).to('o1', asStrings);
    one
      .selectKey((_key, value) => value)
      .groupByKey(grouped(serdes.string, serdes.string))
      .count(materialized('zz'));
    other.groupByKey().count(materialized('aa'));
    stream.groupByKey().count(materialized('mm'));

    expect(builder.build().describe()).toBe(described.mergedBranches);
  });

  it('T02 reads a topic once even if it is streamed twice, and prints topics in the order of a Java set', () => {
    const builder = new StreamsBuilder();
    builder
      .stream(['t', 'u', 'a-topic'], strings)
      .filter(() => true, 'f')
      .peek(() => undefined)
      .flatMap((key, value) => [[value, key]])
      .to('o', asStrings);
    builder.stream(['u', 't', 'a-topic'], strings).foreach(() => undefined);

    expect(builder.build().describe()).toBe(described.sameTopicsTwice);
  });

  it('T02 has one repartition topic for all aggregations of a named group', () => {
    const builder = new StreamsBuilder();
    const group = builder
      .stream('t', strings)
      .groupBy((_key, value) => value, grouped(serdes.string, serdes.string, 'gg'));
    group.count().toStream().to('o');
    group
      .reduce((total, value) => total + value)
      .toStream()
      .to('o2');

    expect(builder.build().describe()).toBe(described.sharedRepartition);
  });
});

describe('generated names', () => {
  it('are listed if they name state or a repartition topic', () => {
    const builder = new StreamsBuilder();
    const stream = builder.stream('t', strings);
    stream.groupByKey().count();
    stream
      .groupBy((_key, value) => value, grouped(serdes.string, serdes.string))
      .count(materialized('named'));
    stream.selectKey(same).repartition({ keySerde: serdes.string });

    expect(builder.build().drawnNames()).toEqual([
      'KSTREAM-AGGREGATE-STATE-STORE-0000000001',
      'KSTREAM-REPARTITION-0000000009-repartition',
    ]);
  });
});
