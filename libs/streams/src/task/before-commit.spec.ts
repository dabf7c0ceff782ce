import { describe, expect, it } from '@jest/globals';
import {
  consumed,
  grouped,
  type KeyValueStore,
  keyValueStore,
  materialized,
  type ProcessorContext,
  type ProcessorSupplier,
  produced,
  serdes,
  StreamsBuilder,
} from '../index.ts';
import { MemoryEngine } from '../state/memory-engine.ts';
import { openStore } from '../state/open-store.ts';
import { StoreCache } from '../state/store-cache.ts';
import { TopologyTestDriver } from '../test-driver.ts';
import type { ProducedRecord } from './task-record.ts';
import { TopologyTask } from './topology-task.ts';

const text = serdes.string;
const strings = consumed(text, text);
const asNumbers = produced(text, serdes.safeLong);
type Supplier<V> = ProcessorSupplier<string, V, string, number>;

const sums = () => keyValueStore('sums', text, serdes.safeLong, { caching: true });

/** Adds up numbers per key in memory, and stores and forwards the sums that have changed in each commit. */
function summing<V>(numberOf: (value: V) => number, onWrite = () => {}): Supplier<V> {
  return () => {
    const changed = new Map<string, number>();
    let context: ProcessorContext<string, number>;
    let stored: KeyValueStore<string, number>;
    return {
      init(given) {
        context = given;
        stored = given.store('sums');
        given.beforeCommit(() => {
          for (const [key, value] of changed) {
            stored.put(key, value);
            context.forward({ key, value, timestampMs: 7, headers: [] });
          }
          changed.clear();
          onWrite();
        });
      },
      process: ({ key, value }) =>
        void changed.set(key, (changed.get(key) ?? stored.get(key) ?? 0) + numberOf(value)),
    };
  };
}

/** A task with a cache, and what it has written, such as `out a 3`. */
function taskOf(declare: (builder: StreamsBuilder) => void) {
  const builder = new StreamsBuilder();
  declare(builder);
  const topology = builder.build();
  const records: ProducedRecord[] = [];
  const engine = new MemoryEngine();
  const task = new TopologyTask({
    applicationId: 'app',
    taskId: { subTopology: 0, partition: 0 },
    topology,
    subTopology: topology.asOneSubTopology(),
    collector: { collect: (record) => records.push(record), partitionCount: () => 1 },
    openStore: (spec, context) => openStore(spec, engine, context),
    globalStore: () => undefined,
    wallClockMs: () => 0,
    onDrop: () => undefined,
    cache: new StoreCache({ bytesMax: 1_000_000 }),
    emitIntervals: { windowedAggregationMs: 0, outerJoinMs: 0 },
  });
  let offset = 0n;
  return {
    process(key: string, value: string) {
      const place = { topic: 'in', partition: 0, offset: offset++, timestampMs: 7, headers: [] };
      task.process(task.decode({ ...place, key: Buffer.from(key), value: Buffer.from(value) })!);
    },
    commit(): readonly string[] {
      task.flush();
      return records
        .splice(0)
        .map(
          ({ topic, key, value }) => `${topic} ${Buffer.from(key!)} ${Buffer.from(value!).readBigInt64BE()}`,
        );
    },
  };
}

describe('a processor that writes before each commit', () => {
  it('stores and forwards once what many records have changed', () => {
    const { process, commit } = taskOf((builder) => {
      builder.addStateStore(sums());
      builder
        .stream('in', strings)
        .process(summing<string>(Number), { stores: ['sums'] })
        .to('out', asNumbers);
    });
    for (const value of ['1', '2', '3']) process('a', value);
    process('b', '5');
    expect(commit().toSorted()).toEqual([
      'app-sums-changelog a 6',
      'app-sums-changelog b 5',
      'out a 6',
      'out b 5',
    ]);
    expect(commit()).toEqual([]);
    process('a', '4');
    expect(commit().toSorted()).toEqual(['app-sums-changelog a 10', 'out a 10']);
  });

  it('gets what the caches above it hold back in the same commit', () => {
    const { process, commit } = taskOf((builder) => {
      builder.addStateStore(sums());
      builder
        .stream('in', strings)
        .groupByKey(grouped(text, text))
        .count(materialized('counts'))
        .toStream()
        .process(
          summing<number | null>((count) => count ?? 0),
          { stores: ['sums'] },
        )
        .to('out', asNumbers);
    });
    process('a', 'x');
    process('a', 'y');
    expect(commit()).toEqual(expect.arrayContaining(['app-sums-changelog a 2', 'out a 2']));
  });

  it('T04 loses nothing in a crash, as it gets the records since the last commit again', () => {
    const builder = new StreamsBuilder();
    builder.addStateStore(sums());
    builder
      .stream('in', strings)
      .process(summing<string>(Number), { stores: ['sums'] })
      .to('out', asNumbers);
    using driver = new TopologyTestDriver(builder.build());
    const input = driver.createInputTopic('in', text, text);
    input.pipeInput('a', '1', 0);
    driver.crash();
    input.pipeInput('a', '2', 0);
    expect(driver.createOutputTopic('out', text, serdes.safeLong).readValuesToList()).toEqual([1, 3]);
  });

  it('undoes the commit if it fails, although the failures of records are skipped', () => {
    const builder = new StreamsBuilder();
    builder.addStateStore(sums());
    const failing = summing<string>(Number, () => {
      throw new RangeError('no room');
    });
    builder
      .stream('in', strings)
      .process(failing, { stores: ['sums'] })
      .to('out', asNumbers);
    using driver = new TopologyTestDriver(builder.build(), { onProcessingError: 'skip' });
    const input = driver.createInputTopic('in', text, text);
    expect(() => input.pipeInput('a', '1', 0)).toThrow(new RangeError('no room'));
    expect(driver.dropped).toEqual([]);
  });

  it('must not leave an iterator open', () => {
    const builder = new StreamsBuilder();
    builder.addStateStore(sums());
    const leaving: Supplier<string> = () => ({
      init(context) {
        const stored = context.store<KeyValueStore<string, number>>('sums');
        stored.put('a', 1);
        context.beforeCommit(() => void stored.all().next());
      },
      process: () => undefined,
    });
    builder.stream('in', strings).process(leaving, { named: 'leaving', stores: ['sums'] });
    using driver = new TopologyTestDriver(builder.build());
    const input = driver.createInputTopic('in', text, text);
    expect(() => input.pipeInput('a', '1', 0)).toThrow(
      /^leaving, or .*, has left an iterator over sums open/,
    );
  });

  it('is refused for a global store, which commits nothing', () => {
    const builder = new StreamsBuilder();
    builder.addGlobalStore(keyValueStore('global', text, text), 'in', strings, () => ({
      init: (context) => context.beforeCommit(() => undefined),
      process: () => undefined,
    }));
    using driver = new TopologyTestDriver(builder.build());
    const input = driver.createInputTopic('in', text, text);
    expect(() => input.pipeInput('a', '1', 0)).toThrow(
      'fills a global store, which commits nothing: write in process instead of beforeCommit',
    );
  });
});
