import { describe, expect, it } from '@jest/globals';
import {
  consumed,
  grouped,
  materialized,
  produced,
  serdes,
  StreamsBuilder,
  type Topology,
} from '../index.ts';
import { TopologyTestDriver } from '../test-driver.ts';

const strings = consumed(serdes.string, serdes.string);

function sums(): Topology {
  const builder = new StreamsBuilder();
  builder
    .stream('in', consumed(serdes.string, serdes.safeLong))
    .groupByKey()
    .reduce((total, value) => total + value, materialized('sums'))
    .toStream()
    .to('out');
  return builder.build();
}

describe('a crash', () => {
  it('keeps the state of the changelogs and continues from the committed offsets', () => {
    using driver = new TopologyTestDriver(sums());
    const input = driver.createInputTopic('in', serdes.string, serdes.safeLong);
    const output = driver.createOutputTopic('out', serdes.string, serdes.safeLong);
    input.pipeInput('a', 1, 10);
    input.pipeInput('b', 5, 20);

    driver.crash();
    input.pipeInput('a', 2, 5);

    expect(output.readKeyValuesToList()).toEqual([
      ['a', 1],
      ['b', 5],
      ['a', 3],
    ]);
    expect(driver.getTimestampedKeyValueStore('sums').get('a')).toEqual({ value: 3, timestampMs: 10 });
  });

  it('creates processors after the stream time of the last commit is known again', () => {
    const seen: number[] = [];
    const builder = new StreamsBuilder();
    builder.stream('in', strings).process(() => ({
      init: (context) => void seen.push(context.streamTimeMs),
      process: () => undefined,
    }));
    using driver = new TopologyTestDriver(builder.build());
    driver.createInputTopic('in', serdes.string, serdes.string).pipeInput('k', 'v', 40);

    driver.crash();

    expect(seen).toEqual([-1, 40]);
  });

  it('undoes the writes of an uncommitted record, and processes it again', () => {
    let fails = true;
    const builder = new StreamsBuilder();
    const stream = builder.stream('in', strings);
    stream.to('before');
    stream.foreach(() => {
      if (fails) throw new Error('the node fails');
    });
    using driver = new TopologyTestDriver(builder.build());
    const input = driver.createInputTopic('in', serdes.string, serdes.string);
    const before = driver.createOutputTopic('before', serdes.string, serdes.string);
    expect(() => input.pipeInput('k', 'v', 0)).toThrow('the node fails');

    fails = false;
    driver.crash();

    expect(before.readKeyValuesToList()).toEqual([['k', 'v']]);
    expect(before.isEmpty).toBe(true);
  });
});

describe('the test driver', () => {
  it('processes the records of several topics in the order of their times', () => {
    const seen: string[] = [];
    const builder = new StreamsBuilder();
    const stream = builder.stream('in', strings);
    stream
      .flatMapValues((value) => [`${value}1`, `${value}2`])
      .to('middle', produced(serdes.string, serdes.string));
    builder.stream('middle', strings).foreach((_key, value) => seen.push(value));
    using driver = new TopologyTestDriver(builder.build());

    driver.createInputTopic('in', serdes.string, serdes.string).pipeInput(null, 'x', 0);

    expect(seen).toEqual(['x1', 'x2']);
    expect([...driver.producedTopicNames()]).toEqual(['middle']);
  });

  it('reads global tables before the records that look up their rows', () => {
    const builder = new StreamsBuilder();
    const global = builder.globalTable('names', strings, materialized('names-store'));
    builder
      .stream('in', strings)
      .leftJoin(
        global,
        (key) => key,
        (value, name) => `${value} ${name ?? '?'}`,
      )
      .to('out', produced(serdes.string, serdes.string));
    using driver = new TopologyTestDriver(builder.build());
    const input = driver.createInputTopic('in', serdes.string, serdes.string);
    const output = driver.createOutputTopic('out', serdes.string, serdes.string);

    input.pipeInput('1', 'hello', 0);
    driver.createInputTopic('names', serdes.string, serdes.string).pipeInput('1', 'ada', 0);
    input.pipeInput('1', 'hello', 1);
    driver.crash();
    input.pipeInput('1', 'bye', 2);

    expect(output.readValuesToList()).toEqual(['hello ?', 'hello ada', 'bye ada']);
    expect(driver.getTimestampedKeyValueStore('names-store').get('1')).toEqual({
      value: 'ada',
      timestampMs: 0,
    });
  });

  it('rejects records for a topic that the topology does not read, as Kafka Streams does', () => {
    using driver = new TopologyTestDriver(sums());
    const input = driver.createInputTopic('inn', serdes.string, serdes.safeLong);

    expect(() => input.pipeInput('a', 1, 0)).toThrow('The topology reads no topic inn. It reads in');
  });

  it('throws if a topic has no more records', () => {
    using driver = new TopologyTestDriver(sums());

    const output = driver.createOutputTopic('out', serdes.string, serdes.safeLong);

    expect(() => output.readRecord()).toThrow('The topic out has no more records');
  });

  it('forwards only the last update of a key if there is room for a cache', () => {
    const builder = new StreamsBuilder();
    builder
      .stream('in', strings)
      .flatMapValues((value) => [...value])
      .groupByKey(grouped(serdes.string, serdes.string))
      .count()
      .toStream()
      .to('out');
    using driver = new TopologyTestDriver(builder.build(), { cacheBytesMax: 1_000_000 });
    const output = driver.createOutputTopic('out', serdes.string, serdes.safeLong);

    driver.createInputTopic('in', serdes.string, serdes.string).pipeInput('k', 'abc', 0);

    expect(output.readKeyValuesToList()).toEqual([['k', 3]]);
  });
});

describe('the stores of a topology under test', () => {
  it('show values with and without their times, also after a crash', () => {
    using driver = new TopologyTestDriver(sums());
    const values = driver.getKeyValueStore<string, number>('sums');
    const timed = driver.getTimestampedKeyValueStore<string, number>('sums');
    driver.createInputTopic('in', serdes.string, serdes.safeLong).pipeInput('a', 1, 10);

    driver.crash();

    expect(values.get('a')).toBe(1);
    expect([...values.all()]).toEqual([{ key: 'a', value: 1 }]);
    expect(timed.get('a')).toEqual({ value: 1, timestampMs: 10 });
  });

  it('are distinguished by name and kind', () => {
    using driver = new TopologyTestDriver(sums());

    expect(() => driver.getKeyValueStore('nowhere')).toThrow('no store nowhere. Its stores: sums');
    expect(() => driver.getWindowStore('sums')).toThrow(
      'The store sums is a key_value store, not a window store',
    );
  });
});
