import { describe, expect, it } from '@jest/globals';
import {
  consumed,
  fromValue,
  grouped,
  type KStream,
  materialized,
  produced,
  type Serde,
  serdes,
  StreamsBuilder,
} from '../index.ts';
import { TopologyTestDriver } from '../test-driver.ts';

const strings = consumed(serdes.string, serdes.string);
const asStrings = produced(serdes.string, serdes.string);

/** Builds on a stream of `in`, which gets key and value 'k:v' of each text at the time of its index. */
function drive(texts: readonly string[], declare: (stream: KStream<string, string>) => void) {
  const builder = new StreamsBuilder();
  declare(builder.stream('in', strings));
  const driver = new TopologyTestDriver(builder.build());
  const input = driver.createInputTopic('in', serdes.string, serdes.string);
  texts.forEach((text, index) => {
    const [key = '', value] = text.split(':');
    input.pipeInput(key === '' ? null : key, value ?? null, index);
  });
  return driver;
}

const textsOf = (driver: TopologyTestDriver, topic = 'out', valueSerde: Serde<unknown> = serdes.string) =>
  driver
    .createOutputTopic(topic, serdes.string, valueSerde)
    .readRecordsToList()
    .map(({ key, value, timestampMs }) => `${key}:${value}@${timestampMs}`);

describe('the operators of a stream', () => {
  it('change keys and values, and keep times', () => {
    using driver = drive(['a:1', 'b:2'], (stream) =>
      stream
        .map((key, value) => [value, key])
        .flatMap((key, value) => [
          [key, value],
          [key, `${value}${value}`],
        ])
        .mapValues((value, key) => `${key}${value}`)
        .flatMapValues((value) => [value, '!'])
        .selectKey((key) => `k${key}`)
        .filter((key, value) => key !== 'k2' || value === '!')
        .filterNot((key, value) => key === 'k1' && value === '!')
        .to('out', asStrings),
    );

    expect(textsOf(driver)).toEqual(['k1:1a@0', 'k1:1aa@0', 'k2:!@1', 'k2:!@1']);
  });

  it('split records among branches, each record into the first that takes it', () => {
    using driver = drive(['a:x', 'b:xy', 'c:y', 'd:z'], (stream) => {
      const branches = stream
        .split('by-')
        .branch((_key, value) => value.includes('x'), { named: 'x' })
        .branch((_key, value) => value.includes('y'), { chain: (branch) => branch.to('ys') })
        .defaultBranch();
      expect([...branches.keys()]).toEqual(['by-x', 'by-0']);
      branches.get('by-x')?.to('xs');
      branches.get('by-0')?.to('rest');
    });

    expect(textsOf(driver, 'xs')).toEqual(['a:x@0', 'b:xy@1']);
    expect(textsOf(driver, 'ys')).toEqual(['c:y@2']);
    expect(textsOf(driver, 'rest')).toEqual(['d:z@3']);
  });

  it('drop what no branch takes if there is no default', () => {
    using driver = drive(['a:x', 'b:y'], (stream) => {
      stream
        .split()
        .branch((key) => key === 'a', { chain: (branch) => branch.to('out') })
        .noDefaultBranch();
    });

    expect(textsOf(driver)).toEqual(['a:x@0']);
  });

  it('merge streams', () => {
    using driver = drive(['a:1'], (stream) =>
      stream
        .mapValues((value) => `${value}!`)
        .merge(stream)
        .to('out', asStrings),
    );

    expect(textsOf(driver).sort()).toEqual(['a:1!@0', 'a:1@0']);
  });

  it('show records on their way', () => {
    const seen: string[] = [];
    const lines: string[] = [];
    using driver = drive(['a:1'], (stream) => {
      stream.peek((key, value) => seen.push(`${key}${value}`)).print({ write: (line) => lines.push(line) });
      stream.print({ write: (line) => lines.push(line), label: 'in', format: (key) => key });
    });

    expect(driver.dropped).toEqual([]);
    expect(seen).toEqual(['a1']);
    expect(lines).toEqual(['[KSTREAM-PEEK-0000000001]: a, 1', '[in]: a']);
  });

  it('write to the topic that is chosen for each record', () => {
    using driver = drive(['a:1', 'b:2'], (stream) =>
      stream.to((key, value, context) => `${context.topic}-${key}-${value}-${context.offset}`),
    );

    expect([...driver.producedTopicNames()]).toEqual(['in-a-1-0', 'in-b-2-1']);
  });

  it('write to the partitions that the partitioner chooses', () => {
    const asked: unknown[] = [];
    using driver = drive(['a:1', 'b:2'], (stream) =>
      stream.to('out', {
        ...asStrings,
        options: {
          partitioner(topic, key, value, partitionCount) {
            asked.push([topic, key, value, partitionCount]);
            return key === 'a' ? [0, 0] : undefined;
          },
        },
      }),
    );

    expect(textsOf(driver)).toEqual(['a:1@0', 'a:1@0', 'b:2@1']);
    expect(asked).toEqual([
      ['out', 'a', '1', 1],
      ['out', 'b', '2', 1],
    ]);
  });

  it('pass records without a key, except into a repartition topic or an aggregation', () => {
    using driver = drive([':1', 'a:2', 'a'], (stream) => {
      stream.to('out');
      stream.repartition({ name: 'through' });
      stream.groupByKey().count(materialized('counts'));
    });

    expect(textsOf(driver)).toEqual(['null:1@0', 'a:2@1', 'a:null@2']);
    expect(textsOf(driver, 'test-app-through-repartition')).toEqual(['a:2@1', 'a:null@2']);
    expect(driver.dropped).toEqual(['null_key', 'null_value']);
    expect(driver.getTimestampedKeyValueStore('counts').get('a')).toEqual({ value: 1, timestampMs: 1 });
  });
});

describe('the time of a record', () => {
  it('is what the extractor returns, and drops the record if it is negative', () => {
    const builder = new StreamsBuilder();
    const options = {
      timestampExtractor: fromValue<string>((value) => (value === '' ? undefined : Number(value))),
    };
    builder.stream('in', consumed(serdes.string, serdes.string, options)).to('out');
    using driver = new TopologyTestDriver(builder.build());
    const input = driver.createInputTopic('in', serdes.string, serdes.string);

    for (const value of ['5', '-1', '']) input.pipeInput('k', value, 70);

    expect(textsOf(driver)).toEqual(['k:5@5', 'k:@70']);
    expect(driver.dropped).toEqual(['negative_timestamp']);
  });

  it('can depend on the largest time of the partition before it', () => {
    const before: number[] = [];
    const builder = new StreamsBuilder();
    const timestampExtractor = (_record: unknown, partitionTimeMs: number) => {
      before.push(partitionTimeMs);
      return 10 - before.length;
    };
    builder.stream('in', consumed(serdes.string, serdes.string, { timestampExtractor }));
    using driver = new TopologyTestDriver(builder.build());
    const input = driver.createInputTopic('in', serdes.string, serdes.string);

    for (const value of ['a', 'b', 'c']) input.pipeInput('k', value, 0);

    expect(before).toEqual([-1, 9, 9]);
  });
});

describe('an aggregation of a stream', () => {
  it('has the time of the newest record, and forgets a key whose aggregate is null', () => {
    using driver = drive(['a:1', 'a:2', 'a:', 'a:3'], (stream) =>
      stream
        .groupByKey(grouped(serdes.string, serdes.string))
        .aggregate(
          () => 10,
          (_key, value, total) => (value === '' ? null : total + Number(value)),
          materialized('totals', { valueSerde: serdes.safeLong }),
        )
        .toStream()
        .to('out'),
    );

    expect(textsOf(driver, 'out', serdes.safeLong)).toEqual(['a:11@0', 'a:13@1', 'a:null@2', 'a:13@3']);
  });
});
