import { describe, expect, it } from '@jest/globals';
import {
  consumed,
  grouped,
  type KTable,
  materialized,
  produced,
  serdes,
  StreamsBuilder,
  type ValueTransformer,
} from '../index.ts';
import { TopologyTestDriver } from '../test-driver.ts';

const strings = consumed(serdes.string, serdes.string);
const asStrings = produced(serdes.string, serdes.string);

/** Gives updates to a topology. The expected records below were read from Kafka Streams 4.3.1. */
function drive(declare: (builder: StreamsBuilder) => void) {
  const builder = new StreamsBuilder();
  declare(builder);
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

const textsOf = (driver: TopologyTestDriver, topic = 'o') =>
  driver
    .createOutputTopic(topic, serdes.string, serdes.string)
    .readRecordsToList()
    .map(({ key, value, timestampMs }) => `${key}:${value}@${timestampMs}`);

const startsWithX = (_key: string, value: string) => value.startsWith('x');

describe('a filter of a table', () => {
  it('deletes what it does not let pass, even if there was nothing, without old values', () => {
    using driver = drive((builder) => builder.table('t', strings).filter(startsWithX).toStream().to('o'));

    expect(textsOf(driver)).toEqual(['a:x1@10', 'b:x2@20', 'a:x3@5', 'c:null@30', 'b:null@40', 'a:null@50']);
    expect([...driver.producedTopicNames()]).toEqual(['o']);
  });

  it('sends nothing for what was never there if the table has old values', () => {
    using driver = drive((builder) =>
      builder
        .table('t', strings, materialized('ts'))
        .filter(startsWithX, materialized('fs'))
        .mapValues((value) => `${value}!`)
        .toStream()
        .to('o', asStrings),
    );

    expect(textsOf(driver)).toEqual(['a:x1!@10', 'b:x2!@20', 'a:x3!@5', 'b:null@40', 'a:null@50']);
    expect(textsOf(driver, 'app-fs-changelog')).toEqual([
      'a:x1@10',
      'b:x2@20',
      'a:x3@5',
      'b:null@40',
      'a:null@50',
    ]);
    expect(driver.getTimestampedKeyValueStore('ts').get('a')).toEqual({ value: 'y9', timestampMs: 50 });
  });

  it('can let pass what the predicate refuses', () => {
    using driver = drive((builder) =>
      builder.table('t', strings, materialized('ts')).filterNot(startsWithX).toStream().to('o'),
    );

    expect(textsOf(driver)).toEqual(['c:y1@30', 'a:y9@50']);
  });
});

describe('a table of a stream', () => {
  it('keeps the newest value of each key, in the order of arrival', () => {
    using driver = drive((builder) => {
      const table = builder.stream('t', strings).toTable(materialized('tt'));
      expect(table.queryableStoreName).toBe('tt');
      table.toStream().to('o');
    });

    expect(driver.getTimestampedKeyValueStore('tt').get('a')).toEqual({ value: 'y9', timestampMs: 50 });
    expect(driver.getKeyValueStore('tt').get('b')).toBeNull();
    expect(driver.dropped).toEqual(['null_key']);
  });

  it('repartitions first if the key may have changed', () => {
    using driver = drive((builder) =>
      builder
        .stream('t', strings)
        .selectKey((key, value) => value?.slice(0, 1) ?? key)
        .toTable(materialized('tt', { keySerde: serdes.string }))
        .toStream()
        .to('o'),
    );

    expect(textsOf(driver)).toEqual([
      'x:x1@10',
      'x:x2@20',
      'x:x3@5',
      'y:y1@30',
      'b:null@40',
      'y:y9@50',
      'z:z@60',
    ]);
    expect(driver.producedTopicNames()).toContain('app-KSTREAM-TOTABLE-0000000002-repartition');
  });
});

/** Joins a stream of the same keys with the table, which is thereby read. */
function lookUps(tableOf: (source: KTable<string, string>) => KTable<string, string>) {
  const builder = new StreamsBuilder();
  const table = tableOf(builder.table('t', strings));
  builder
    .stream('in', strings)
    .leftJoin(table, (value, found) => `${value}-${found ?? 'none'}`)
    .to('o', asStrings);
  const driver = new TopologyTestDriver(builder.build());
  driver.createInputTopic('t', serdes.string, serdes.string).pipeInput('k', 'x', 5);
  const input = driver.createInputTopic('in', serdes.string, serdes.string);
  input.pipeInput('k', '1', 7);
  input.pipeInput('other', '2', 8);
  return driver;
}

describe('a table without a store of its own', () => {
  it('is read through the tables before it', () => {
    using driver = lookUps((source) => source.mapValues((value) => `${value}!`).filter(startsWithX));

    expect(textsOf(driver)).toEqual(['k:1-x!@7', 'other:2-none@8']);
  });

  it('shows a transformer the time of the value that is read', () => {
    using driver = lookUps((source) => source.transformValues(() => new Timed()));

    expect(textsOf(driver)).toEqual(['k:1-x at 5@7', 'other:2-none@8']);
  });
});

class Timed implements ValueTransformer<string, string, string> {
  #time: () => number | undefined = () => undefined;

  init(context: Parameters<NonNullable<ValueTransformer<string, string, string>['init']>>[0]): void {
    this.#time = () => context.recordContext?.timestampMs;
  }

  transform(_key: string, value: string | null): string | null {
    return value === null ? null : `${value} at ${this.#time()}`;
  }
}

describe('a transformed table', () => {
  it('gets deletions too, and asks the table before it for old values', () => {
    using driver = drive((builder) =>
      builder
        .table('t', strings)
        .transformValues(() => ({ transform: (_key: string, value: string | null) => value ?? 'none' }))
        .groupBy((key, value) => [key, value], grouped(serdes.string, serdes.string))
        .count(materialized('counts'))
        .mapValues(String)
        .toStream()
        .to('o', asStrings),
    );

    expect(textsOf(driver)).toEqual(['a:1@10', 'b:1@20', 'a:1@10', 'c:1@30', 'b:1@40', 'a:1@50']);
  });

  it('closes its transformers', () => {
    const closed: string[] = [];
    const builder = new StreamsBuilder();
    builder.table('t', strings).transformValues(() => ({
      transform: () => null,
      close: () => closed.push('transformer'),
    }));
    const driver = new TopologyTestDriver(builder.build());

    driver.close();

    expect(closed).toEqual(['transformer']);
  });
});
