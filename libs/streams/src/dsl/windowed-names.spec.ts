import { describe, expect, it } from '@jest/globals';
import {
  consumed,
  materialized,
  serdes,
  slidingWindows,
  StreamsBuilder,
  timeWindows,
  TopologyError,
  untilWindowCloses,
} from '../index.ts';

const read = (builder: StreamsBuilder, topic: string) =>
  builder.stream(topic, consumed(serdes.string, serdes.string));

describe('a count by windows whose store has no name', () => {
  it.each([
    ['time windows', timeWindows(300_000), 'KSTREAM-AGGREGATE-0000000003'],
    ['sliding windows', slidingWindows(300_000), 'KSTREAM-AGGREGATE-0000000002'],
  ])('skips an index as in Kafka Streams, except by sliding windows: %s', (_name, windows, name) => {
    const builder = new StreamsBuilder();
    read(builder, 's').groupByKey().windowedBy(windows).count(materialized());

    expect(builder.build().describe()).toContain(`Processor: ${name} `);
  });
});

describe('a windowed topology', () => {
  it('must have windows before suppress waits for their close', () => {
    const table = read(new StreamsBuilder(), 's').groupByKey().count();

    expect(() => table.suppress(untilWindowCloses())).toThrow(TopologyError);
    expect(() => table.suppress(untilWindowCloses())).toThrow('KSTREAM-AGGREGATE-0000000002');
  });

  it.each([
    ['time windows', timeWindows(10).grace(5), 15],
    ['sliding windows', slidingWindows(10).grace(5), 25],
  ])('must keep %s as long as records may arrive for them', (_name, windows, neededMs) => {
    const builder = new StreamsBuilder();
    const retained = materialized<string, number>('w', { retentionMs: neededMs - 1 });
    read(builder, 's').groupByKey().windowedBy(windows).count(retained);

    expect(() => builder.build()).toThrow(`need ${neededMs} ms`);
  });
});
