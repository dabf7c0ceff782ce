import { describe, expect, it } from '@jest/globals';
import {
  consumed,
  type KeyValueStore,
  keyValueStore,
  type ProcessorContext,
  type ProcessorSupplier,
  produced,
  serdes,
  StreamsBuilder,
} from '../index.ts';
import { TopologyTestDriver } from '../test-driver.ts';

const strings = consumed(serdes.string, serdes.string);
const asStrings = produced(serdes.string, serdes.string);
type Supplier = ProcessorSupplier<string, string, string, string>;
type Context = ProcessorContext<string, string>;

function drive(
  supplier: Supplier,
  stores: Parameters<ReturnType<StreamsBuilder['stream']>['process']>[1] = {},
) {
  const builder = new StreamsBuilder();
  builder.addStateStore(keyValueStore('st', serdes.string, serdes.string));
  builder.stream('t', strings).process(supplier, stores).to('o', asStrings);
  const driver = new TopologyTestDriver(builder.build(), { applicationId: 'app' });
  return { driver, input: driver.createInputTopic('t', serdes.string, serdes.string) };
}

const textsOf = (driver: TopologyTestDriver, topic = 'o') =>
  driver
    .createOutputTopic(topic, serdes.string, serdes.string)
    .readRecordsToList()
    .map(({ key, value, timestampMs }) => `${key}:${value}@${timestampMs}`);

/** Stores each record, and forwards a report at each record and every 10 ms of both times. */
const storing: Supplier = () => {
  let context: Context;
  let store: KeyValueStore<string, string>;
  return {
    init(given) {
      context = given;
      store = given.store('st');
      for (const type of ['stream_time', 'wall_clock'] as const) {
        given.schedule(10, type, (timestampMs) => {
          context.forward({ key: type, value: `at${timestampMs}`, timestampMs, headers: [] });
          store.put(type, String(timestampMs));
        });
      }
    },
    process({ key, value, timestampMs, headers }) {
      store.put(key, value);
      const seen = `${value}@${context.streamTimeMs}`;
      context.forward({ key, value: seen, timestampMs: timestampMs + 1, headers });
    },
  };
};

// The expected records were read from Kafka Streams 4.3.1.
describe('a processor', () => {
  it('is called back at multiples of the interval, from stream time 0 on', () => {
    const { driver, input } = drive(storing, { stores: ['st'] });

    input.pipeInput('a', 'x1', 10);
    input.pipeInput('b', 'x2', 25);
    driver.advanceWallClockTime(15);
    input.pipeInput('a', 'x3', 5);
    driver.advanceWallClockTime(100);
    input.pipeInput('a', 'x4', 1_000);

    expect(textsOf(driver)).toEqual([
      'a:x1@10@11',
      'stream_time:at10@10',
      'b:x2@25@26',
      'stream_time:at25@25',
      'wall_clock:at15@15',
      'a:x3@25@6',
      'wall_clock:at115@115',
      'a:x4@1000@1001',
      'stream_time:at1000@1000',
    ]);
    expect(textsOf(driver, 'app-st-changelog')).toEqual([
      'a:x1@10',
      'stream_time:10@10',
      'b:x2@25',
      'stream_time:25@25',
      'wall_clock:15@15',
      'a:x3@5',
      'wall_clock:115@115',
      'a:x4@1000',
      'stream_time:1000@1000',
    ]);
  });

  it('sees its task, the record and its position on the log', () => {
    const seen: unknown[] = [];
    const { input } = drive(() => {
      let context: Context;
      return {
        init: (given) => {
          context = given;
        },
        process: () => {
          seen.push(context.applicationId, context.taskId, context.recordMetadata, context.headers);
        },
      };
    });
    const header = { name: 'h', value: Uint8Array.of(1) };

    input.pipeInput('a', 'b', 7, [header]);

    expect(seen).toEqual([
      'app',
      { subTopology: 0, partition: 0 },
      expect.objectContaining({ topic: 't', partition: 0, offset: 0n }),
      [header],
    ]);
  });

  it('is created once per task, and is closed with the task', () => {
    const events: string[] = [];
    const { driver } = drive(() => {
      events.push('made');
      return { process: () => undefined, close: () => events.push('closed') };
    });

    driver.close();

    expect(events).toEqual(['made', 'closed']);
  });

  it('cannot reach a store that it did not name, or a child that it does not have', () => {
    const forwarding = (act: (context: Context) => void) => () =>
      drive(() => ({ init: act, process: () => undefined }));
    const record = { key: 'k', value: 'v', timestampMs: 0, headers: [] };

    expect(forwarding((context) => context.store('st'))).toThrow(
      'KSTREAM-PROCESSOR-0000000001 is not connected to a store st',
    );
    expect(forwarding((context) => context.forward(record, 'nobody'))).toThrow(
      'KSTREAM-PROCESSOR-0000000001 has no child nobody. Its children: none',
    );
  });

  it('may declare a store, and share it with another processor', () => {
    const builder = new StreamsBuilder();
    const own = keyValueStore('own', serdes.string, serdes.string, { logging: false });
    const put: Supplier = () => {
      let store: KeyValueStore<string, string>;
      return {
        init: (context) => {
          store = context.store('own');
        },
        process: ({ key, value }) => store.put(key, `${store.get(key) ?? ''}${value}`),
      };
    };
    builder.stream('t', strings).process(put, { stores: [own] });
    builder.stream('u', strings).process(put, { stores: [own] });
    const topology = builder.build();
    using driver = new TopologyTestDriver(topology);

    driver.createInputTopic('t', serdes.string, serdes.string).pipeInput('k', '1', 0);
    driver.createInputTopic('u', serdes.string, serdes.string).pipeInput('k', '2', 0);

    expect(topology.subTopologies).toHaveLength(1);
    expect(driver.getKeyValueStore('own').get('k')).toBe('12');
    expect([...driver.producedTopicNames()]).toEqual([]);
  });

  it('must not leave an iterator open', () => {
    const leaky: Supplier = () => {
      let store: KeyValueStore<string, string>;
      return {
        init: (context) => {
          store = context.store('st');
        },
        process({ key, value }) {
          store.put(key, value);
          store.all().next();
        },
      };
    };
    const { input } = drive(leaky, { stores: ['st'] });

    expect(() => input.pipeInput('a', 'b', 0)).toThrow('has left an iterator over st open');
  });

  it('must not leave an iterator open in a callback, which the error names', () => {
    const leaky: Supplier = () => ({
      init: (context) => {
        const store = context.store<KeyValueStore<string, string>>('st');
        store.put('a', 'b');
        context.schedule(10, 'wall_clock', () => void store.all().next());
      },
      process: () => undefined,
    });
    const { driver, input } = drive(leaky, { stores: ['st'] });
    input.pipeInput('a', 'b', 0);

    expect(() => driver.advanceWallClockTime(10)).toThrow(/^KSTREAM-PROCESSOR-.*an iterator over st open/);
  });
});

describe('a global store', () => {
  it("is filled by the user's processor, and read by all others without a connection", () => {
    const builder = new StreamsBuilder();
    const lengths = keyValueStore('lengths', serdes.string, serdes.safeLong);
    builder.addGlobalStore(lengths, 'g', strings, () => {
      let store: KeyValueStore<string, number>;
      return {
        init: (context) => {
          store = context.store('lengths');
        },
        process: ({ key, value }) => store.put(key, value.length),
      };
    });
    builder
      .stream('t', strings)
      .processValues<string>(() => {
        let context: Context;
        return {
          init: (given) => {
            context = given;
          },
          process: (record) => {
            const found = context.store<KeyValueStore<string, number>>('lengths').get(record.value);
            context.forward({ ...record, value: String(found) });
          },
        };
      })
      .to('o', asStrings);
    using driver = new TopologyTestDriver(builder.build());

    driver.createInputTopic('g', serdes.string, serdes.string).pipeInput('word', 'abcd', 0);
    driver.createInputTopic('t', serdes.string, serdes.string).pipeInput('k', 'word', 1);

    expect(textsOf(driver)).toEqual(['k:4@1']);
    expect([...driver.producedTopicNames()]).toEqual(['o']);
  });
});
