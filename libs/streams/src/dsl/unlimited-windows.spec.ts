import { describe, expect, it } from '@jest/globals';
import { days } from '@millrace/streaming-core/runtime';
import { internalTopicsOf } from '../assignment/internal-topics.ts';
import { applicationTopicsOf } from '../assignment/application-topics.ts';
import {
  consumed,
  grouped,
  materialized,
  onWindowClose,
  produced,
  serdes,
  StreamsBuilder,
  unlimitedWindows,
} from '../index.ts';
import { TopologyTestDriver } from '../test-driver.ts';

const text = serdes.string;
const windows = unlimitedWindows(1_000);

function counting(listen?: (topic: string) => void) {
  const builder = new StreamsBuilder();
  const windowed = builder
    .stream('in', consumed(text, text))
    .groupByKey(grouped(text, text))
    .windowedBy(windows);
  (listen === undefined ? windowed : windowed.onLate((late) => void late.foreach((key) => listen(key))))
    .count(materialized('counts', { keySerde: text }))
    .toStream()
    .to('out', produced(serdes.timeWindowed(text, windows.sizeMs), serdes.safeLong));
  return builder.build();
}

describe('unlimited windows', () => {
  it('hold all records from their start on, and no others', () => {
    const late: string[] = [];
    using driver = new TopologyTestDriver(counting((key) => void late.push(key)));
    const input = driver.createInputTopic('in', text, text);
    for (const timestampMs of [999, 1_000, days(20_000), 1_001, 0]) input.pipeInput('k', 'v', timestampMs);

    const out = driver.createOutputTopic('out', serdes.timeWindowed(text, windows.sizeMs), serdes.safeLong);
    const window = { startMs: 1_000, endMs: Number.MAX_SAFE_INTEGER };
    expect(out.readRecordsToList().map(({ key, value }) => [key?.window, value])).toEqual([
      [window, 1],
      [window, 2],
      [window, 3],
    ]);
    expect(driver.getWindowStore('counts').fetch('k', 1_000)).toBe(3);
    expect(driver.dropped).toEqual([]);
    expect(late).toEqual([]);
  });

  it('are kept forever in their changelog, as in Kafka Streams', () => {
    const topics = applicationTopicsOf(counting(), 'app');
    const internal = internalTopicsOf(
      topics,
      new Map([
        ['in', 1],
        ['app-counts-changelog', 1],
      ]),
    );

    expect(internal.find(({ name }) => name === 'app-counts-changelog')?.configs).toMatchObject({
      'retention.ms': '9223372036854775807',
    });
  });

  it('never close, so results at the close of a window are refused', () => {
    const windowed = new StreamsBuilder()
      .stream('in', consumed(text, text))
      .groupByKey(grouped(text, text))
      .windowedBy(windows);

    expect(() => windowed.emitStrategy(onWindowClose)).toThrow('Unlimited windows never close');
    expect(() => unlimitedWindows(-1)).toThrow('The start of unlimited windows is -1');
  });
});
