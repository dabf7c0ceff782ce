import { describe, expect, it } from '@jest/globals';
import { minutes } from '@millrace/streaming-core/runtime';
import {
  consumed,
  onWindowClose,
  produced,
  serdes,
  StreamsBuilder,
  timeWindows,
  untilTimeLimit,
} from '../index.ts';
import { TopologyTestDriver } from '../test-driver.ts';

const text = serdes.string;
const windowed = serdes.timeWindowed(text, minutes(1));

describe('emission at window close', () => {
  it('looks for closed windows at most once per emit interval of the clock', () => {
    using driver = new TopologyTestDriver(perMinute(), {
      emitIntervals: { windowedAggregationMs: 1_000, outerJoinMs: 0 },
    });
    const input = driver.createInputTopic('s', text, text);
    const output = driver.createOutputTopic('o', windowed, serdes.safeLong);
    input.pipeInput('u', 'x', 0);
    input.pipeInput('u', 'x', minutes(1));
    driver.advanceWallClockTime(999);
    input.pipeInput('u', 'x', minutes(1));
    expect(output.isEmpty).toBe(true);

    driver.advanceWallClockTime(1);
    input.pipeInput('u', 'x', minutes(1));
    expect(output.readRecordsToList().map(({ key, value }) => [key?.window.startMs, value])).toEqual([
      [0, 1],
    ]);
  });

  it('emits each window once, with the time of its value', () => {
    using driver = new TopologyTestDriver(perMinute());
    const input = driver.createInputTopic('s', text, text);
    for (const timestampMs of [10, 20, minutes(1), minutes(2) - 1, minutes(2), minutes(2)]) {
      input.pipeInput('u', 'x', timestampMs);
    }

    const results = driver.createOutputTopic('o', windowed, serdes.safeLong).readRecordsToList();
    expect(results.map(({ value, timestampMs }) => [value, timestampMs])).toEqual([
      [2, 20],
      [2, minutes(2) - 1],
    ]);
  });

  it('does not emit a window again after a crash', () => {
    using driver = new TopologyTestDriver(perMinute());
    const input = driver.createInputTopic('s', text, text);
    const output = driver.createOutputTopic('o', windowed, serdes.safeLong);
    input.pipeInput('u', 'x', 0);
    input.pipeInput('u', 'x', minutes(1));
    expect(output.readRecordsToList()).toHaveLength(1);

    driver.crash();
    input.pipeInput('u', 'x', minutes(1));
    expect(output.isEmpty).toBe(true);
    input.pipeInput('u', 'x', minutes(2));
    expect(output.readRecordsToList().map(({ key, value }) => [key?.window.startMs, value])).toEqual([
      [minutes(1), 2],
    ]);
  });
});

describe('updates that suppress holds back', () => {
  it('keep their order across a crash', () => {
    const builder = new StreamsBuilder();
    builder
      .stream('s', consumed(text, text))
      .groupByKey()
      .count()
      .suppress(untilTimeLimit(minutes(1)))
      .toStream()
      .to('o', produced(text, serdes.safeLong));
    using driver = new TopologyTestDriver(builder.build());
    const input = driver.createInputTopic('s', text, text);
    const output = driver.createOutputTopic('o', text, serdes.safeLong);
    input.pipeInput('b', 'x', 0);
    input.pipeInput('a', 'x', 1);
    input.pipeInput('b', 'x', 2);
    driver.crash();
    input.pipeInput('c', 'x', minutes(1));

    expect(output.readKeyValuesToList()).toEqual([['b', 2]]);
    input.pipeInput('c', 'x', minutes(1) + 1);
    expect(output.readKeyValuesToList()).toEqual([['a', 1]]);
  });
});

function perMinute() {
  const builder = new StreamsBuilder();
  builder
    .stream('s', consumed(text, text))
    .groupByKey()
    .windowedBy(timeWindows(minutes(1)))
    .emitStrategy(onWindowClose)
    .count()
    .toStream()
    .to('o', produced(windowed, serdes.safeLong));
  return builder.build();
}
