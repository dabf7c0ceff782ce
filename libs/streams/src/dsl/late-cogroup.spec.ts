import { describe, expect, it } from '@jest/globals';
import { minutes } from '@millrace/streaming-core/runtime';
import {
  type CogroupedKStream,
  consumed,
  grouped,
  type KStream,
  type KTable,
  materialized,
  produced,
  serdes,
  sessionWindows,
  slidingWindows,
  StreamsBuilder,
  timeWindows,
  type Windowed,
} from '../index.ts';
import { TopologyTestDriver } from '../test-driver.ts';

const text = serdes.string;
const SIZE = minutes(5);

type Late = ((late: KStream<string, unknown>) => void) | undefined;
type Group = (cogrouped: CogroupedKStream<string, number>, listen: Late) => KTable<Windowed<string>, number>;

const zero = () => 0;
const stored = materialized<string, number>('sums', { keySerde: text, valueSerde: serdes.safeLong });
const byTime =
  (windows: ReturnType<typeof timeWindows> | ReturnType<typeof slidingWindows>): Group =>
  (cogrouped, listen) => {
    const windowed = cogrouped.windowedBy(windows);
    return (listen === undefined ? windowed : windowed.onLate(listen)).aggregate(zero, stored);
  };
const tumbling = byTime(timeWindows(SIZE));
const sliding = byTime(slidingWindows(SIZE));
const sessions: Group = (cogrouped, listen) => {
  const windowed = cogrouped.windowedBy(sessionWindows(SIZE));
  return (listen === undefined ? windowed : windowed.onLate(listen)).aggregate(
    zero,
    (_key, one, other) => one + other,
    stored,
  );
};

/** Sums the lengths of texts, and numbers, by key and window. */
function topologyOf(group: Group, listen: Late) {
  const builder = new StreamsBuilder();
  const texts = builder.stream('texts', consumed(text, text)).groupByKey(grouped(text, text));
  const numbers = builder
    .stream('numbers', consumed(text, serdes.integer))
    .groupByKey(grouped(text, serdes.integer));
  const cogrouped = texts
    .cogroup((_key, value, sum: number) => sum + value.length)
    .cogroup(numbers, (_key, value, sum: number) => sum + value);
  group(cogrouped, listen)
    .toStream()
    .map((key, value) => [`${key.key}@${key.window.startMs}`, String(value)])
    .to('sums', produced(text, text));
  return builder.build();
}

describe('late records of a windowed cogroup', () => {
  it.each([
    ['tumbling', tumbling],
    ['sliding', sliding],
    ['sessions', sessions],
  ])('go to one stream per member, with its serdes, and are counted: %s', (_name, group) => {
    const topics = ['late-texts', 'late-numbers'];
    const topology = topologyOf(group, (late) => late.to(topics.shift()!));
    using driver = new TopologyTestDriver(topology);
    const texts = driver.createInputTopic('texts', text, text);
    const numbers = driver.createInputTopic('numbers', text, serdes.integer);

    texts.pipeInput('k', 'four', minutes(60));
    numbers.pipeInput('k', 3, minutes(60));
    texts.pipeInput('k', 'late', minutes(1));
    numbers.pipeInput('k', 7, minutes(1));

    expect(driver.createOutputTopic('late-texts', text, text).readValuesToList()).toEqual(['late']);
    expect(driver.createOutputTopic('late-numbers', text, serdes.integer).readValuesToList()).toEqual([7]);
    expect(driver.createOutputTopic('sums', text, text).readValuesToList()).toEqual(['4', '7']);
    expect(driver.dropped).toEqual(['late', 'late']);
  });

  it('do not change the generated names of other operators', () => {
    const silent = topologyOf(tumbling, undefined).describe();
    const listening = topologyOf(tumbling, () => undefined);
    const namesIn = (description: string) =>
      [...description.matchAll(/(?:Processor|Sink|Source): (\S+)/g)]
        .map(([, name]) => name)
        .filter((name) => !/-updates$|-late$/.test(name ?? ''))
        .sort();
    expect(namesIn(listening.describe())).toEqual(namesIn(silent));
    expect(silent).not.toMatch(/-late|-updates/);
  });
});
