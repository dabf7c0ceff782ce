import { describe, expect, it } from '@jest/globals';
import {
  consumed,
  grouped,
  type KeyValueStore,
  keyValueStore,
  type KStream,
  materialized,
  type ProcessorContext,
  type ProcessorSupplier,
  produced,
  serdes,
  StreamsBuilder,
} from '../index.ts';
import { type TestDriverOptions, TopologyTestDriver } from '../test-driver.ts';

const text = serdes.string;
const asTexts = produced(text, text);
type Texts = KStream<string, string>;

function driverOf(declare: (stream: Texts) => void, options: TestDriverOptions) {
  const builder = new StreamsBuilder();
  declare(builder.stream('in', consumed(text, text)));
  const driver = new TopologyTestDriver(builder.build(), options);
  const read = (topic: string) => driver.createOutputTopic(topic, text, text).readValuesToList();
  return { driver, input: driver.createInputTopic('in', text, text), read };
}

const unlucky = (value: string): string => {
  if (value.includes('13')) throw new RangeError(`${value} brings bad luck`);
  return value;
};

/** Three branches, of which the second throws for 13. */
const branches = (stream: Texts): void => {
  const seen = stream.peek(() => undefined, 'SEEN');
  seen.mapValues((value) => `${value} before`).to('before', asTexts);
  seen.mapValues(unlucky).to('between', asTexts);
  seen.mapValues((value) => `${value} after`).to('after', asTexts);
};

describe('a node that throws', () => {
  it('T12 skips its record, which all other nodes still get, as in Kafka Streams', () => {
    const { driver, input, read } = driverOf(branches, { onProcessingError: 'skip' });
    using _ = driver;

    for (const value of ['13', '14']) input.pipeInput('k', value, 0);

    expect(read('before')).toEqual(['13 before', '14 before']);
    expect(read('between')).toEqual(['14']);
    expect(read('after')).toEqual(['13 after', '14 after']);
    expect(driver.dropped).toEqual(['processing_error']);
  });

  it('throws through the nodes above it unless its record is skipped', () => {
    const { driver, input, read } = driverOf(branches, {});
    using _ = driver;

    expect(() => input.pipeInput('k', '13', 0)).toThrow(new RangeError('13 brings bad luck'));
    expect(read('after')).toEqual([]);
  });

  it('is attributed to the node above a sink whose serde throws, so that its later children get nothing', () => {
    const encode = (value: string) => text.encode(unlucky(value), 'between');
    const { driver, input, read } = driverOf(
      (stream) => {
        const seen = stream.mapValues((value) => value);
        seen.to('before', asTexts);
        seen.to('between', produced(text, { encode }));
        seen.to('after', asTexts);
      },
      { onProcessingError: 'skip' },
    );
    using _ = driver;

    input.pipeInput('k', '13', 0);

    expect(read('before')).toEqual(['13']);
    expect(read('between')).toEqual([]);
    expect(read('after')).toEqual([]);
    expect(driver.dropped).toEqual(['processing_error']);
  });

  it('is the only one that skips the record: a node that forwards to it continues after the call', () => {
    const twice: ProcessorSupplier<string, string, string, string> = () => {
      let context: ProcessorContext<string, string>;
      return {
        init: (given) => void (context = given),
        process(record) {
          context.forward(record);
          context.forward({ ...record, value: `${record.value}+1` });
          context.forward({ ...record, value: 'luck' });
        },
      };
    };
    const { driver, input, read } = driverOf(
      (stream) => stream.process(twice).mapValues(unlucky).to('out', asTexts),
      { onProcessingError: 'skip' },
    );
    using _ = driver;

    input.pipeInput('k', '13', 0);

    expect(read('out')).toEqual(['luck']);
    expect(driver.dropped).toEqual(['processing_error', 'processing_error']);
  });

  it('is counted once if it leaves an iterator open, since it could not close it', () => {
    const scanning: ProcessorSupplier<string, string, string, string> = () => {
      let store: KeyValueStore<string, string>;
      return {
        init(context) {
          store = context.store('seen');
        },
        process({ key, value }) {
          const rows = store.all();
          store.put(key, unlucky(value));
          rows.return?.();
        },
      };
    };
    const builder = new StreamsBuilder();
    builder.addStateStore(keyValueStore('seen', text, text));
    builder.stream('in', consumed(text, text)).process(scanning, { stores: ['seen'] });
    using driver = new TopologyTestDriver(builder.build(), { onProcessingError: 'skip' });
    const input = driver.createInputTopic('in', text, text);

    for (const value of ['13', '14']) input.pipeInput('k', value, 0);

    expect(driver.getKeyValueStore('seen').get('k')).toBe('14');
    expect(driver.dropped).toEqual(['processing_error']);
  });

  it('skips an update that a cache has held back, and its callbacks', () => {
    const calledBack: ProcessorSupplier<string, string, string, string> = () => ({
      init: (context) =>
        void context.schedule(10, 'wall_clock', (timestampMs) => void unlucky(`13 at ${timestampMs}`)),
      process: () => undefined,
    });
    const { driver, input, read } = driverOf(
      (stream) => {
        stream.process(calledBack);
        const latest = stream
          .groupByKey(grouped(text, text))
          .reduce((_old, value) => value, materialized('s'));
        latest
          .toStream()
          .mapValues((value) => unlucky(value ?? ''))
          .to('out', asTexts);
      },
      { onProcessingError: 'skip', cacheBytesMax: 1_000_000 },
    );
    using _ = driver;

    for (const value of ['13', '14']) input.pipeInput('k', value, 0);
    driver.advanceWallClockTime(10);

    expect(read('out')).toEqual(['14']);
    expect(driver.getKeyValueStore('s').get('k')).toBe('14');
    expect(driver.dropped).toEqual(['processing_error', 'processing_error']);
  });
});
