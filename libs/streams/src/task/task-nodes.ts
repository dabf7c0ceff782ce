import type { Node, NodeContext } from '../processor/node.ts';
import type { StreamRecord } from '../processor/record.ts';
import type { Encoder } from '../serdes/serde.ts';
import type { NodeSpec, SinkSpec } from '../topology/topology-spec.ts';
import type { ProcessingState } from './processing-state.ts';
import type { RecordCollector } from './task-record.ts';
import { TaskNodeContext } from './task-node-context.ts';

interface TaskNodeParts {
  readonly specs: readonly NodeSpec[];
  readonly state: ProcessingState;
  readonly collector: RecordCollector;
  readonly topicName: (topic: string) => string;
}

/** The running nodes of a task. Children are connected in the order in which they were added. */
export class TaskNodes {
  readonly #nodes = new Map<string, Node>();
  readonly #closers: readonly (() => void)[];

  constructor({ specs, state, collector, topicName }: TaskNodeParts) {
    this.#closers = state.closers;
    const contexts = new Map<string, TaskNodeContext>();
    for (const spec of specs) {
      const storeNames = spec.kind === 'processor' ? spec.storeNames : [];
      const context = new TaskNodeContext(spec.name, state, storeNames);
      contexts.set(spec.name, context);
      const node = runningNode(spec, context, { state, collector, topicName });
      this.#nodes.set(spec.name, node);
      if (spec.kind === 'source') continue;
      const isSink = spec.kind === 'sink';
      for (const parent of spec.parents) contexts.get(parent)?.addChild({ name: spec.name, node, isSink });
    }
  }

  get(name: string): Node {
    const node = this.#nodes.get(name);
    if (node === undefined) throw new TypeError(`The task has no node ${name}`);
    return node;
  }

  /** Closes the nodes, those upstream first. Throws the first error after it has closed all. */
  close(): void {
    const errors: unknown[] = [];
    const closers = [...this.#nodes.values()].map((node) => () => node.close?.());
    for (const close of closers.concat(this.#closers)) {
      try {
        close();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }
}

function runningNode(
  spec: NodeSpec,
  context: TaskNodeContext,
  { state, collector, topicName }: Pick<TaskNodeParts, 'state' | 'collector' | 'topicName'>,
): Node {
  switch (spec.kind) {
    case 'source':
      return { process: (record) => context.forward(record) };
    case 'processor':
      return spec.factory(context);
    case 'sink':
      return sinkNode(
        { spec, collector, topicName, notEncoded: (topic, error) => state.notEncoded(topic, error) },
        context,
      );
  }
}

interface SinkParts {
  readonly spec: SinkSpec;
  readonly collector: RecordCollector;
  /** The name on the broker of a topic of the topology. */
  readonly topicName: (topic: string) => string;
  /** Called if a serde throws. Returns if the record is not to be written, and throws otherwise. */
  readonly notEncoded: (topic: string, error: unknown) => void;
}

/** Writes each record to a topic. */
function sinkNode({ spec, collector, topicName, notEncoded }: SinkParts, context: NodeContext): Node {
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

const encoded = (serde: Encoder<unknown>, value: unknown, topic: string): Uint8Array | null =>
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
