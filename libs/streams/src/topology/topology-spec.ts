import type { LogRecord, SinkContext, StreamPartitioner } from '../processor/record.ts';
import type { NodeFactory } from '../processor/node.ts';
import type { Encoder, Serde } from '../serdes/serde.ts';
import type { StoreSpec } from '../state/store-spec.ts';

/** Where a consumer starts on a partition without a committed offset. */
export type OffsetReset = 'earliest' | 'latest' | 'none';

/**
 * A node that reads topics. Generic members are methods, so that sources of any type fit into one
 * list.
 */
export interface SourceSpec<K = unknown, V = unknown> {
  readonly kind: 'source';
  readonly name: string;
  readonly topics: readonly string[];
  readonly keySerde: Serde<K>;
  readonly valueSerde: Serde<V>;
  /** If undefined, the setting of the application applies. */
  readonly offsetReset: OffsetReset | undefined;
  /** Returns the time of a record. The default is its time on the log. */
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
  readonly keySerde: Encoder<K>;
  readonly valueSerde: Encoder<V>;
  /** Undefined if the topic is chosen for each record. */
  readonly topic: string | undefined;
  /**
   * Returns the bytes that choose the partition if no partition is named. The default is those of
   * the key.
   */
  partitionKeyOf?(key: K, topic: string): Uint8Array | null;
  topicOf?(key: K, value: V, context: SinkContext): string;
  partitionOf?(...args: Parameters<StreamPartitioner<K, V>>): ReturnType<StreamPartitioner>;
}

export type NodeSpec = SourceSpec | ProcessorSpec | SinkSpec;

/** A part of a topology that runs as one task per partition. */
export interface SubTopology {
  readonly id: number;
  /** The nodes in the order in which they were added: parents before their children. */
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

/** A topic that belongs to the topology. Its name on the broker begins with the application id. */
export interface RepartitionTopic {
  readonly name: string;
  /** If undefined, the number is that of the topics upstream. */
  readonly partitionCount: number | undefined;
}

/** The topology cannot be built. The message names the operator and the remedy. */
export class TopologyError extends Error {
  override readonly name = 'TopologyError';
}

/** Returns the name of the topic that a store is restored from. */
export const changelogTopic = (applicationId: string, storeName: string): string =>
  `${applicationId}-${storeName}-changelog`;

/** Returns the name on the broker of a topic that belongs to the topology. */
export const internalTopic = (applicationId: string, name: string): string => `${applicationId}-${name}`;
