import type { LogRecord, SinkContext, StreamPartitioner } from '../processor/record.ts';
import type { NodeFactory } from '../processor/node.ts';
import type { Serde } from '../serdes/serde.ts';
import type { StoreSpec } from '../state/store-spec.ts';

/** Where a consumer starts on a partition without a committed offset. */
export type OffsetReset = 'earliest' | 'latest' | 'none';

/** Reads topics. Generic members are methods, so that sources of any type fit into one list. */
export interface SourceSpec<K = unknown, V = unknown> {
  readonly kind: 'source';
  readonly name: string;
  readonly topics: readonly string[];
  readonly keySerde: Serde<K>;
  readonly valueSerde: Serde<V>;
  /** Undefined: the setting of the application. */
  readonly offsetReset: OffsetReset | undefined;
  /** Absent: the time of the record on the log. */
  timestampOf?(record: LogRecord<K, V>, partitionTimeMs: number): number;
}

export interface ProcessorDeclaration {
  readonly name: string;
  readonly parents: readonly string[];
  readonly factory: NodeFactory;
}

export interface ProcessorSpec extends ProcessorDeclaration {
  readonly kind: 'processor';
  readonly storeNames: readonly string[];
}

export interface SinkSpec<K = unknown, V = unknown> {
  readonly kind: 'sink';
  readonly name: string;
  readonly parents: readonly string[];
  readonly keySerde: Serde<K>;
  readonly valueSerde: Serde<V>;
  /** Undefined if the topic is chosen per record. */
  readonly topic: string | undefined;
  /** The bytes that choose the partition if no partition is named. Absent: those of the key. */
  partitionKeyOf?(key: K, topic: string): Uint8Array | null;
  topicOf?(key: K, value: V, context: SinkContext): string;
  partitionOf?(...args: Parameters<StreamPartitioner<K, V>>): ReturnType<StreamPartitioner>;
}

export type NodeSpec = SourceSpec | ProcessorSpec | SinkSpec;

/** A part of a topology that runs as one task per partition. */
export interface SubTopology {
  readonly id: number;
  /** In the order in which they were added: parents before their children. */
  readonly nodes: readonly NodeSpec[];
  readonly stores: readonly StoreSpec[];
}

/** A table of which each process reads all partitions. */
export interface GlobalStore {
  readonly id: number;
  readonly source: SourceSpec;
  readonly processor: ProcessorSpec;
  readonly store: StoreSpec;
}

/** A topic that belongs to the topology. Its name on the broker is prefixed with the application id. */
export interface RepartitionTopic {
  readonly name: string;
  /** Undefined: as many as the topics upstream have. */
  readonly partitionCount: number | undefined;
}

/** The topology cannot be built. The message names the operator and says what to change. */
export class TopologyError extends Error {
  override readonly name = 'TopologyError';
}

/** The topic that a store is restored from. */
export const changelogTopic = (applicationId: string, storeName: string): string =>
  `${applicationId}-${storeName}-changelog`;

/** The name on the broker of a topic that belongs to the topology. */
export const internalTopic = (applicationId: string, name: string): string => `${applicationId}-${name}`;
