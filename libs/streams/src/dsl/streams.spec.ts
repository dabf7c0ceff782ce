import { describe, expect, it } from '@jest/globals';
import { consumed, fromValue, type KStream, produced, serdes, StreamsBuilder } from '../index.ts';
import { TopologyTestDriver } from '../test-driver.ts';

const strings = consumed(serdes.string, serdes.string);
const asStrings = produced(serdes.string, serdes.string);

/**
 * Builds on the stream `in`, and feeds it the text `k:v` as key and value at the time of its index.
 */
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

const textsOf = (driver: TopologyTestDriver) =>
  driver
    .createOutputTopic('out', serdes.string, serdes.string)
    .readRecordsToList()
    .map(({ key, value, timestampMs }) => `${key}:${value}@${timestampMs}`);

describe('the operators of a stream', () => {
  it('print records', () => {
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

  it('is refused if it is further ahead of the time on the log than the extractor allows', () => {
    const timestampOf = fromValue<string>(Number, { aheadMsMax: 10 });
    const record = (value: string) => ({
      topic: 'in',
      partition: 0,
      offset: 0n,
      key: 'k',
      value,
      headers: [],
      timestampMs: 70,
    });

    expect(timestampOf(record('80'), -1)).toBe(80);
    expect(() => timestampOf(record('81'), -1)).toThrow(
      'its time 1970-01-01T00:00:00.081Z is more than 10 ms after its timestamp on the log',
    );
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
