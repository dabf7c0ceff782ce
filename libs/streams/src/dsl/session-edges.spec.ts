import { describe, expect, it } from '@jest/globals';
import { minutes } from '@millrace/streaming-core/runtime';
import { consumed, produced, serdes, sessionWindows, StreamsBuilder } from '../index.ts';
import { TopologyTestDriver } from '../test-driver.ts';

const text = serdes.string;

/** Counts records of one key at these times by session, with gaps of five minutes. */
function countsOf(...timesMs: readonly number[]): readonly string[] {
  const builder = new StreamsBuilder();
  builder
    .stream('s', consumed(text, text))
    .groupByKey()
    .windowedBy(sessionWindows(minutes(5)).grace(minutes(60)))
    .count()
    .toStream()
    .to('counts', produced(serdes.sessionWindowed(text), serdes.safeLong));
  using driver = new TopologyTestDriver(builder.build());
  for (const timestampMs of timesMs)
    driver.createInputTopic('s', text, text).pipeInput('u', 'x', timestampMs);
  return driver
    .createOutputTopic('counts', serdes.sessionWindowed(text), serdes.safeLong)
    .readRecordsToList()
    .map(({ key, value }) => `${key?.key} ${key?.window.startMs}-${key?.window.endMs} ${value}`);
}

describe('records at a distance', () => {
  it('of exactly the gap belong to one session, and the previous session is deleted', () => {
    expect(countsOf(0, minutes(5))).toEqual(['u 0-0 1', 'u 0-0 null', 'u 0-300000 2']);
  });

  it('of one millisecond more belong to two sessions', () => {
    expect(countsOf(0, minutes(5) + 1)).toEqual(['u 0-0 1', 'u 300001-300001 1']);
  });

  it('of the gap on both sides are joined by a record between them', () => {
    expect(countsOf(0, minutes(10), minutes(5))).toEqual([
      'u 0-0 1',
      'u 600000-600000 1',
      'u 0-0 null',
      'u 600000-600000 null',
      'u 0-600000 3',
    ]);
  });
});
