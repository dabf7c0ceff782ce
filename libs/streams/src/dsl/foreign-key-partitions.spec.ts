import { describe, expect, it } from '@jest/globals';
import {
  consumed,
  produced,
  serdes,
  StreamsBuilder,
  tableJoined,
  type TableJoined,
  type Topology,
} from '../index.ts';
import type { DropReason } from '../processor/node.ts';
import { MemoryEngine } from '../state/memory-engine.ts';
import { openStore } from '../state/open-store.ts';
import { StoreCache } from '../state/store-cache.ts';
import type { ProducedRecord } from '../task/task-record.ts';
import { TopologyTask } from '../task/topology-task.ts';

const texts = consumed<string, string>(serdes.string, serdes.string);
const registrationTopic = 'app-KTABLE-FK-JOIN-SUBSCRIPTION-REGISTRATION-0000000006-topic';
const responseTopic = 'app-KTABLE-FK-JOIN-SUBSCRIPTION-RESPONSE-0000000014-topic';

function topologyOf(options?: TableJoined<string, string>): Topology {
  const builder = new StreamsBuilder();
  builder
    .table('left', texts)
    .join(
      builder.table('right', texts),
      (value) => value,
      (left, right) => `${left}+${right}`,
      options,
    )
    .toStream()
    .to('joined', produced(serdes.string, serdes.string));
  return builder.build();
}

/** One task of a sub-topology, with the records that it has written and dropped. */
function taskOf(topology: Topology, id: { readonly subTopology: number; readonly partition: number }) {
  const written: ProducedRecord[] = [];
  const dropped: DropReason[] = [];
  const engine = new MemoryEngine();
  const task = new TopologyTask({
    applicationId: 'app',
    taskId: id,
    topology,
    subTopology: topology.subTopologies[id.subTopology]!,
    collector: { collect: (record) => void written.push(record), partitionCount: () => 8 },
    openStore: (spec, context) => openStore(spec, engine, context),
    globalStore: () => undefined,
    wallClockMs: () => 0,
    onDrop: (reason) => void dropped.push(reason),
    cache: new StoreCache({ bytesMax: 0 }),
    emitIntervals: { windowedAggregationMs: 0, outerJoinMs: 0 },
  });
  const feed = (topic: string, key: Uint8Array | null, value: Uint8Array | null) => {
    const record = { topic, partition: id.partition, offset: 0n, key, value, timestampMs: 0, headers: [] };
    const decoded = task.decode(record);
    if (decoded !== undefined) task.process(decoded);
  };
  const writtenTo = (topic: string) => written.filter((record) => record.topic === topic);
  return { feed, writtenTo, dropped };
}

describe('the partitions of a foreign-key join', () => {
  it('sends a response to the partition that its subscription came from', () => {
    const topology = topologyOf();
    const left = taskOf(topology, { subTopology: 0, partition: 5 });
    const right = taskOf(topology, { subTopology: 1, partition: 2 });

    left.feed('left', Buffer.from('key'), Buffer.from('fk'));
    const [subscription] = left.writtenTo(registrationTopic);
    expect(subscription?.partition).toBeUndefined();
    right.feed(registrationTopic, subscription!.key, subscription!.value);
    right.feed('right', Buffer.from('fk'), Buffer.from('fv'));

    expect(right.writtenTo(responseTopic).map(({ partition }) => partition)).toEqual([5]);
  });

  it('asks the partitioners of the tables, if they are given', () => {
    const partitioners = { partitioner: () => 3, otherPartitioner: () => 4 };
    const topology = topologyOf(tableJoined<string, string>(partitioners));
    const left = taskOf(topology, { subTopology: 0, partition: 3 });
    const right = taskOf(topology, { subTopology: 1, partition: 4 });

    left.feed('left', Buffer.from('key'), Buffer.from('fk'));
    const [subscription] = left.writtenTo(registrationTopic);
    right.feed(registrationTopic, subscription!.key, subscription!.value);
    right.feed('right', Buffer.from('fk'), Buffer.from('fv'));

    expect(subscription?.partition).toBe(4);
    expect(right.writtenTo(responseTopic).map(({ partition }) => partition)).toEqual([3]);
  });

  it('drops and counts a response to a value that the left table no longer has', () => {
    const topology = topologyOf();
    const left = taskOf(topology, { subTopology: 0, partition: 0 });
    const right = taskOf(topology, { subTopology: 1, partition: 0 });
    left.feed('left', Buffer.from('key'), Buffer.from('fk'));
    const [subscription] = left.writtenTo(registrationTopic);
    right.feed(registrationTopic, subscription!.key, subscription!.value);
    right.feed('right', Buffer.from('fk'), Buffer.from('fv'));
    const [response] = right.writtenTo(responseTopic);

    left.feed('left', Buffer.from('key'), Buffer.from('other'));
    left.feed(responseTopic, response!.key, response!.value);
    expect(left.dropped).toEqual(['skipped']);
    left.feed('left', Buffer.from('key'), Buffer.from('fk'));
    left.feed(responseTopic, response!.key, response!.value);

    expect(left.writtenTo('joined').map(({ value }) => Buffer.from(value!).toString())).toEqual(['fk+fv']);
  });
});
