import type { NodeContext } from '../processor/node-context.ts';
import type { Node } from '../processor/node.ts';
import type { StreamRecord } from '../processor/record.ts';
import type { Serde } from '../serdes/serde.ts';
import type { SinkSpec } from '../topology/topology-spec.ts';
import type { RecordCollector } from './record-collector.ts';

interface SinkParts {
  readonly spec: SinkSpec;
  readonly collector: RecordCollector;
  /** The name on the broker of a topic of the topology. */
  readonly topicName: (topic: string) => string;
  /** Called if a serde throws. Returns if the record is not to be written. */
  readonly notEncoded: (topic: string, error: unknown) => void;
}

/** Writes each record to a topic. */
export function sinkNode({ spec, collector, topicName, notEncoded }: SinkParts, context: NodeContext): Node {
  const onlyTopic = spec.topic === undefined ? undefined : topicName(spec.topic);
  return {
    process(record) {
      checkTime(spec.name, record.timestampMs);
      const topic = onlyTopic ?? topicName(chosenTopic(spec, record, context));
      let key: Uint8Array | null;
      let value: Uint8Array | null;
      try {
        key = encoded(spec.keySerde, record.key, topic);
        value = encoded(spec.valueSerde, record.value, topic);
      } catch (error) {
        notEncoded(topic, error);
        return;
      }
      const partitionKey = spec.partitionKeyOf === undefined ? key : partitionKeyOf(spec, record.key, topic);
      const { timestampMs, headers } = record;
      for (const partition of partitionsOf(spec, record, topic, collector)) {
        collector.collect({ topic, partition, partitionKey, key, value, headers, timestampMs });
      }
    },
  };
}

function checkTime(name: string, timestampMs: number): void {
  if (timestampMs >= 0) return;
  throw new RangeError(`The sink ${name} got a record of the time ${timestampMs}. A time is never negative`);
}

function chosenTopic(spec: SinkSpec, record: StreamRecord, context: NodeContext): string {
  const { timestampMs, headers } = record;
  const origin = context.recordMetadata ?? { topic: '', partition: -1, offset: -1n };
  const topic = spec.topicOf?.(record.key, record.value, { ...origin, timestampMs, headers });
  if (topic === undefined || topic === '') {
    throw new TypeError(`The topic extractor of the sink ${spec.name} returned no topic`);
  }
  return topic;
}

const encoded = (serde: Serde<unknown>, value: unknown, topic: string): Uint8Array | null =>
  value === null || value === undefined ? null : serde.encode(value, topic);

const partitionKeyOf = (spec: SinkSpec, key: unknown, topic: string): Uint8Array | null =>
  key === null || key === undefined ? null : (spec.partitionKeyOf?.(key, topic) ?? null);

const anyPartition = [undefined];

function partitionsOf(
  spec: SinkSpec,
  { key, value }: StreamRecord,
  topic: string,
  collector: RecordCollector,
): readonly (number | undefined)[] {
  if (spec.partitionOf === undefined) return anyPartition;
  const partitions = spec.partitionOf(topic, key, value, collector.partitionCount(topic));
  return typeof partitions === 'object' ? partitions : [partitions];
}
