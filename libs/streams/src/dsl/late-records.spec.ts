import { describe, expect, it } from '@jest/globals';
import { minutes } from '@millrace/streaming-core/runtime';
import {
  consumed,
  type KGroupedStream,
  type KStream,
  type KTable,
  materialized,
  produced,
  serdes,
  sessionWindows,
  slidingWindows,
  StreamsBuilder,
  timeWindows,
  type Topology,
  untilWindowCloses,
  type Windowed,
} from '../index.ts';
import { TopologyTestDriver } from '../test-driver.ts';

const text = serdes.string;
const FIVE = minutes(5);

type Listen = (late: KStream<string, string>) => void;
type Count = (grouped: KGroupedStream<string, string>, listen: Listen) => KTable<Windowed<string>, number>;

const tumbling: Count = (grouped, listen) =>
  grouped
    .windowedBy(timeWindows(FIVE).grace(minutes(1)))
    .onLate(listen)
    .count();
const hopping: Count = (grouped, listen) =>
  grouped
    .windowedBy(timeWindows(FIVE).advanceBy(minutes(1)))
    .onLate(listen)
    .count();
const sliding: Count = (grouped, listen) => grouped.windowedBy(slidingWindows(FIVE)).onLate(listen).count();
const sessions: Count = (grouped, listen) => grouped.windowedBy(sessionWindows(FIVE)).onLate(listen).count();

describe('late records', () => {
  it('T11 go to the late stream unchanged, and are counted', () => {
    using driver = new TopologyTestDriver(topology(tumbling));
    const headers = [{ name: 'trace', value: Buffer.from('1') }];
    const input = driver.createInputTopic('s', text, text);
    input.pipeInput('u', 'in time', minutes(6));
    input.pipeInput('u', 'late', minutes(5) - 1, headers);

    const late = driver.createOutputTopic('late', text, text).readRecordsToList();
    expect(late).toEqual([{ key: 'u', value: 'late', timestampMs: minutes(5) - 1, headers }]);
    expect(counts(driver)).toEqual(['u 300000 1']);
    expect(driver.dropped).toEqual(['late']);
  });

  it('join their window until its grace period has passed, to the millisecond', () => {
    using driver = new TopologyTestDriver(topology(tumbling));
    const input = driver.createInputTopic('s', text, text);
    input.pipeInput('other', 'y', minutes(6) - 1);
    input.pipeInput('u', 'x', 0);

    expect(counts(driver)).toEqual(['other 300000 1', 'u 0 1']);
    expect(driver.dropped).toEqual([]);
  });

  it.each([
    ['a hopping window that is still open takes the record', hopping, minutes(5), minutes(2), []],
    ['all hopping windows are closed', hopping, minutes(9), minutes(2), ['x']],
    ['a sliding window that is still open takes the record', sliding, minutes(20), minutes(20), []],
    ['no sliding window could take the record', sliding, minutes(20), minutes(14), ['x']],
    ['the sliding windows that could take the record do not exist', sliding, minutes(20), minutes(19), ['x']],
    ['the session could still grow', sessions, minutes(20), minutes(15), []],
    ['the session has closed', sessions, minutes(20), minutes(15) - 1, ['x']],
  ])('are the records that no window takes: %s', (_case, count, observedMs, timestampMs, late) => {
    using driver = new TopologyTestDriver(topology(count));
    const input = driver.createInputTopic('s', text, text);
    input.pipeInput('other', 'y', observedMs);
    input.pipeInput('u', 'x', timestampMs);

    const values = driver
      .createOutputTopic('late', text, text)
      .readRecordsToList()
      .map(({ value }) => value);
    expect(values).toEqual(late);
  });

  it('open no sliding window if the window before them has closed, as in Kafka Streams', () => {
    using driver = new TopologyTestDriver(topology(sliding));
    const input = driver.createInputTopic('s', text, text);
    const late = minutes(11);
    for (const timestampMs of [minutes(7) - 1, minutes(7)]) input.pipeInput('u', 'x', timestampMs);
    input.pipeInput('other', 'y', minutes(12));
    input.pipeInput('u', 'x', late); // the window that ends here has closed
    counts(driver);
    input.pipeInput('u', 'x', minutes(12));

    expect(counts(driver)).toEqual([`u ${minutes(7) + 1} 2`, `u ${minutes(7)} 3`]); // no window begins at late + 1
    expect(driver.dropped).toEqual(['late']);
  });

  it.each([0, 1_000_000])('do not change the updates with a cache of %s bytes', (cacheBytesMax) => {
    using driver = new TopologyTestDriver(topology(tumbling), { cacheBytesMax });
    const input = driver.createInputTopic('s', text, text);
    input.pipeInput('u', 'x', 0);
    input.pipeInput('u', 'x', 1);

    expect(counts(driver)).toEqual(['u 0 1', 'u 0 2']);
    expect(driver.createOutputTopic('late', text, text).isEmpty).toBe(true);
  });

  it('do not keep suppress from finding the windows', () => {
    const suppressed: Count = (grouped, listen) => tumbling(grouped, listen).suppress(untilWindowCloses());
    using driver = new TopologyTestDriver(topology(suppressed));
    const input = driver.createInputTopic('s', text, text);
    input.pipeInput('u', 'x', 0);
    input.pipeInput('u', 'x', minutes(6));

    expect(counts(driver)).toEqual(['u 0 1']);
  });

  it('change what suppress holds back until the grace has passed', () => {
    const suppressed: Count = (grouped, listen) => tumbling(grouped, listen).suppress(untilWindowCloses());
    using driver = new TopologyTestDriver(topology(suppressed));
    const input = driver.createInputTopic('s', text, text);
    input.pipeInput('u', 'x', 0);
    input.pipeInput('other', 'y', minutes(6) - 1);
    input.pipeInput('u', 'x', 1);
    expect(counts(driver)).toEqual([]);

    input.pipeInput('other', 'y', minutes(6));

    expect(counts(driver)).toEqual(['u 0 2']);
  });

  it('do not change the generated names of other operators', () => {
    const named = topology(tumbling).describe();
    const silent = topology((grouped) => grouped.windowedBy(timeWindows(FIVE)).count()).describe();

    expect(named).toContain('--> KSTREAM-AGGREGATE-0000000002-updates, KSTREAM-AGGREGATE-0000000002-late');
    expect(named).toContain('Processor: KTABLE-TOSTREAM-0000000004');
    expect(silent).toContain('Processor: KTABLE-TOSTREAM-0000000003');
    expect(silent).not.toMatch(/-late|-updates/);
  });
});

describe('records without a value', () => {
  it.each([
    ['count in tumbling windows', timeWindows(FIVE), ['u 0 1'], []],
    ['are dropped by sliding windows', slidingWindows(FIVE), [], ['null_value']],
  ])('%s, as in Kafka Streams, even if the value is undefined', (_case, windows, expected, dropped) => {
    const builder = new StreamsBuilder();
    builder
      .stream('s', consumed(text, text))
      .mapValues(() => undefined)
      .groupByKey()
      .windowedBy(windows)
      .count(materialized('w'))
      .toStream()
      .to('counts', produced(serdes.timeWindowed(text, FIVE), serdes.safeLong));
    using driver = new TopologyTestDriver(builder.build());
    driver.createInputTopic('s', text, text).pipeInput('u', 'x', 1);

    expect(counts(driver)).toEqual(expected);
    expect(driver.dropped).toEqual(dropped);
  });
});

/** Writes the late stream first, so its sink gets the index 3. */
function topology(count: Count): Topology {
  const builder = new StreamsBuilder();
  count(builder.stream('s', consumed(text, text)).groupByKey(), (late) => late.to('late'))
    .toStream()
    .to('counts', produced(serdes.timeWindowed(text, FIVE), serdes.safeLong));
  return builder.build();
}

const counts = (driver: TopologyTestDriver): string[] =>
  driver
    .createOutputTopic('counts', serdes.timeWindowed(text, FIVE), serdes.safeLong)
    .readRecordsToList()
    .map(({ key, value }) => `${key?.key} ${key?.window.startMs} ${value}`);
