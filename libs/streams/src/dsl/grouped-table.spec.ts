import { describe, expect, it } from '@jest/globals';
import {
  consumed,
  grouped,
  type KGroupedTable,
  type KTable,
  materialized,
  serdes,
  StreamsBuilder,
} from '../index.ts';
import { TopologyTestDriver } from '../test-driver.ts';

const letters = grouped(serdes.string, serdes.string);

/** Groups a table by the first letter of its values, and gives updates to it. */
function drive<A>(aggregate: (grouped: KGroupedTable<string, string>) => KTable<string, A>) {
  const builder = new StreamsBuilder();
  const rows = builder
    .table('t', consumed(serdes.string, serdes.string))
    .groupBy((_key, value) => [value.slice(0, 1), value], letters);
  aggregate(rows).toStream().to('o');
  const driver = new TopologyTestDriver(builder.build(), { applicationId: 'app' });
  const input = driver.createInputTopic('t', serdes.string, serdes.string);
  input.pipeInput('a', 'x1', 10);
  input.pipeInput('b', 'x2', 20);
  input.pipeInput('a', 'x3', 5);
  input.pipeInput('c', 'y1', 30);
  input.pipeInput('b', null, 40);
  input.pipeInput('a', 'y9', 50);
  input.pipeInput(null, 'z', 60);
  return driver;
}

const hex = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString('hex'));

// The expected records were read from Kafka Streams 4.3.1.
describe('a grouped table', () => {
  it('counts the rows of each group', () => {
    using driver = drive((rows) => rows.count(materialized('counts')));

    const counts = driver.createOutputTopic('o', serdes.string, serdes.safeLong).readRecordsToList();

    expect(counts.map(({ key, value, timestampMs }) => [key, value, timestampMs])).toEqual([
      ['x', 1, 10],
      ['x', 2, 20],
      ['x', 2, 20],
      ['y', 1, 30],
      ['x', 1, 40],
      ['x', 0, 50],
      ['y', 2, 50],
    ]);
    expect(driver.dropped).toEqual(['null_key']);
  });

  it('subtracts before it adds', () => {
    using driver = drive((rows) =>
      rows.reduce(
        (all, value) => all + value,
        (all, value) => all.replace(value, ''),
      ),
    );

    const joined = driver.createOutputTopic('o', serdes.string, serdes.string).readKeyValuesToList();

    expect(joined).toEqual([
      ['x', 'x1'],
      ['x', 'x1x2'],
      ['x', 'x2x3'],
      ['y', 'y1'],
      ['x', 'x3'],
      ['x', ''],
      ['y', 'y1y9'],
    ]);
  });

  it('aggregates to another type', () => {
    using driver = drive((rows) =>
      rows.aggregate(
        () => 100,
        (_key, _value, total) => total + 1,
        (_key, _value, total) => total - 10,
        materialized('totals', { valueSerde: serdes.safeLong }),
      ),
    );

    expect(driver.getTimestampedKeyValueStore('totals').get('x')).toEqual({ value: 73, timestampMs: 50 });
    expect(driver.getTimestampedKeyValueStore('totals').get('y')).toEqual({ value: 102, timestampMs: 50 });
  });

  it('sends old and new values to its repartition topic in the bytes of Kafka Streams', () => {
    using driver = drive((rows) => rows.count(materialized('counts')));

    const changes = driver.createOutputTopic('app-counts-repartition', serdes.string, serdes.bytes);

    expect(changes.readRecordsToList().map(({ key, value }) => [key, hex(value)])).toEqual([
      ['x', '783101'],
      ['x', '783201'],
      ['x', '047833783102'],
      ['y', '793101'],
      ['x', '783200'],
      ['x', '783300'],
      ['y', '793901'],
    ]);
  });

  it('moves a row between groups whose keys are equal as bytes, but not the same object, in one record', () => {
    const builder = new StreamsBuilder();
    builder
      .table('t', consumed(serdes.string, serdes.string))
      .groupBy((_key, value) => [Buffer.from('g'), value], grouped(serdes.bytes, serdes.string))
      .count(materialized('counts'));
    using driver = new TopologyTestDriver(builder.build(), { applicationId: 'app' });
    const input = driver.createInputTopic('t', serdes.string, serdes.string);

    input.pipeInput('a', 'x', 0);
    input.pipeInput('a', 'y', 1);

    const changes = driver.createOutputTopic('app-counts-repartition', serdes.string, serdes.bytes);
    expect(changes.readRecordsToList().map(({ value }) => hex(value))).toEqual(['7801', '02797802']);
  });
});
