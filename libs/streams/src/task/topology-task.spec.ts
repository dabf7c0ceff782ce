import { describe, expect, it } from '@jest/globals';
import { StreamsBuilder } from '../dsl/streams-builder.ts';
import { consumed, produced } from '../dsl/options/topics.ts';
import { materialized } from '../dsl/options/stores.ts';
import type { DropReason } from '../processor/node.ts';
import type { ProcessorContext } from '../processor/processor.ts';
import { serdes } from '../serdes/serdes.ts';
import { MemoryEngine } from '../state/memory-engine.ts';
import { openStore } from '../state/open-store.ts';
import { StoreCache } from '../state/store-cache.ts';
import type { RawRecord, ProducedRecord } from './task-record.ts';
import { TopologyTask } from './topology-task.ts';

const strings = consumed(serdes.string, serdes.string);
const asStrings = produced(serdes.string, serdes.string);

/** The task 0_3 of the declared topology, with two partitions in each topic that it writes to. */
function taskOf(declare: (builder: StreamsBuilder) => void) {
  const builder = new StreamsBuilder();
  declare(builder);
  const topology = builder.build();
  const [subTopology] = topology.subTopologies;
  if (subTopology === undefined) throw new Error('The topology is empty');
  const engine = new MemoryEngine();
  const written: ProducedRecord[] = [];
  const dropped: DropReason[] = [];
  const clock = { nowMs: 0 };
  const task = new TopologyTask({
    applicationId: 'app',
    taskId: { subTopology: 0, partition: 3 },
    topology,
    subTopology,
    collector: { collect: (record) => written.push(record), partitionCount: () => 2 },
    openStore: (spec, context) => openStore(spec, engine, context),
    globalStore: () => undefined,
    wallClockMs: () => clock.nowMs,
    onDrop: (reason) => dropped.push(reason),
    cache: new StoreCache({ bytesMax: 1_000_000 }),
    emitIntervals: { windowedAggregationMs: 0, outerJoinMs: 0 },
  });
  const process = (key: string | null, value: string | null, timestampMs: number) => {
    const decoded = task.decode(raw(key, value, timestampMs));
    if (decoded !== undefined) task.process(decoded);
  };
  return { task, written, dropped, clock, process };
}

const bytesOf = (text: string | null) => (text === null ? null : Buffer.from(text));

const raw = (key: string | null, value: string | null, timestampMs: number): RawRecord => ({
  topic: 'in',
  partition: 3,
  offset: 7n,
  key: bytesOf(key),
  value: bytesOf(value),
  timestampMs,
  headers: [],
});

describe('a task', () => {
  it('writes changelogs to its own partition, and outputs where their key belongs', () => {
    const { task, written, process } = taskOf((builder) =>
      builder.stream('in', strings).groupByKey().count(materialized('counts')).toStream().to('out'),
    );

    process('k', 'v', 5);
    expect(written).toEqual([]);
    task.flush();

    expect(written.map(({ topic, partition }) => ({ topic, partition }))).toEqual([
      { topic: 'app-counts-changelog', partition: 3 },
      { topic: 'out', partition: undefined },
    ]);
    expect(written[1]?.partitionKey).toEqual(Buffer.from('k'));
  });

  it('sends a windowed key to the partition of its inner key', () => {
    const { written, process } = taskOf((builder) =>
      builder
        .stream('in', strings)
        .map((key, value) => [{ key, window: { startMs: 0, endMs: 10 } }, value])
        .to('out', produced(serdes.timeWindowed(serdes.string, 10), serdes.string)),
    );

    process('k', 'v', 5);

    expect(written[0]?.key).toEqual(Buffer.from('6b0000000000000000', 'hex'));
    expect(written[0]?.partitionKey).toEqual(Buffer.from('k'));
  });

  it('lets the partitioner choose among the partitions of the topic', () => {
    const { written, process } = taskOf((builder) => {
      const options = {
        partitioner: (_topic: string, _key: string, _value: string, count: number) => [0, count - 1],
      };
      builder.stream('in', strings).to('out', produced(serdes.string, serdes.string, options));
    });

    process('k', 'v', 5);

    expect(written.map(({ partition }) => partition)).toEqual([0, 1]);
  });

  it('continues from the committed times', () => {
    const { task, process } = taskOf((builder) => builder.stream('in', strings).to('out'));
    task.setPartitionTime('in', 3, 50);

    process('k', 'v', 20);
    expect(task.streamTimeMs).toBe(50);
    expect(task.partitionTimeMs('in', 3)).toBe(50);

    process('k', 'v', 60);
    expect(task.streamTimeMs).toBe(60);
    expect(task.partitionTimeMs('in', 3)).toBe(60);
  });

  it('T06 restores its stores from changelogs before it starts', () => {
    const { task, written, process } = taskOf((builder) =>
      builder.stream('in', strings).groupByKey().count(materialized('counts')).toStream().to('out'),
    );
    const two = Buffer.from('0000000000000002', 'hex');
    task.restore('counts', [{ key: Buffer.from('k'), value: two, timestampMs: 9, headers: [] }]);

    process('k', 'v', 5);
    task.flush();

    expect(written.at(-1)?.value).toEqual(Buffer.from('0000000000000003', 'hex'));
    expect(written.at(-1)?.timestampMs).toBe(9);
  });

  it('reports once that a node has requested a commit', () => {
    const { task, process } = taskOf((builder) =>
      builder.stream('in', strings).process(() => {
        let context: ProcessorContext;
        return {
          init: (given) => {
            context = given;
          },
          process: () => context.commit(),
        };
      }),
    );
    expect(task.takeCommitRequest()).toBe(false);

    process('k', 'v', 5);

    expect(task.takeCommitRequest()).toBe(true);
    expect(task.takeCommitRequest()).toBe(false);
  });

  it('closes all nodes, and then throws the first error', () => {
    const closed: string[] = [];
    const { task } = taskOf((builder) => {
      const stream = builder.stream('in', strings);
      for (const name of ['one', 'two', 'three']) {
        const close = () => {
          closed.push(name);
          if (name !== 'three') throw new Error(`${name} cannot close`);
        };
        stream.process(() => ({ process: () => undefined, close }), { named: name });
      }
    });
    task.start();

    expect(() => task.close()).toThrow('one cannot close');
    expect(closed).toEqual(['one', 'two', 'three']);
  });

  it('rejects a topic that it does not read, and bytes that the serde cannot decode', () => {
    const { task } = taskOf((builder) =>
      builder.stream('in', consumed(serdes.string, serdes.long)).to('out'),
    );

    expect(() => task.decode({ ...raw('k', 'v', 0), topic: 'other' })).toThrow(
      'The task 0_3 does not read the topic other',
    );
    expect(() => task.decode(raw('k', 'v', 0))).toThrow('in');
  });

  it('refuses to write a record of a negative time, or without a topic', () => {
    const negative = taskOf((builder) =>
      builder
        .stream('in', strings)
        .process<string, string>(() => {
          let context: ProcessorContext<string, string>;
          return {
            init: (given) => {
              context = given;
            },
            process: (record) => context.forward({ ...record, timestampMs: -5 }),
          };
        })
        .to('out', asStrings),
    );
    const nowhere = taskOf((builder) => builder.stream('in', strings).to(() => ''));

    expect(() => negative.process('k', 'v', 1)).toThrow(
      'KSTREAM-SINK-0000000002 got a record of the time -5',
    );
    expect(() => nowhere.process('k', 'v', 1)).toThrow('KSTREAM-SINK-0000000001 returned no topic');
  });
});
