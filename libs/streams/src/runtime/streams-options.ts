import type { ConnectionSecurity } from '@millrace/streaming-core/client';
import type { Clock, DurationMs, Logger } from '@millrace/streaming-core/runtime';
import { StreamsError } from './streams-error.ts';

/** The answer to a record that cannot be decoded, processed or written. */
export type ErrorPolicy = 'fail' | 'skip' | { readonly deadLetter: string };

/**
 * What to do after an error that no policy covers: `replace` starts the loop again from the last
 * commit, with growing pauses, and `close` ends the application in the state `failed`.
 */
export type UncaughtErrorAnswer = 'replace' | 'close';

export type ProcessingGuarantee = 'at_least_once' | 'exactly_once_v2';

export interface StreamsOptions {
  /** The name of the consumer group, and the prefix of internal topics and transactional ids. */
  readonly applicationId: string;
  readonly bootstrapServers: readonly string[];
  /** The folder of the state. Each process of a machine needs its own. */
  readonly stateDir: string;
  readonly clientId?: string;
  readonly security?: ConnectionSecurity;
  readonly logger?: Logger;
  readonly clock?: Clock;
  /** The default is `at_least_once`. */
  readonly guarantee?: ProcessingGuarantee;
  /** The default is 100 ms with `exactly_once_v2` and 30 s otherwise, as in Kafka Streams. */
  readonly commitIntervalMs?: DurationMs;
  /**
   * The bytes that the caches of all stores may hold back until a commit. The default is 10 MiB.
   */
  readonly cacheBytesMax?: number;
  readonly standbyReplicas?: number;
  /**
   * How long a task waits for records of an empty partition, so that it processes in the order of
   * time (KIP-695). The default is 0: it waits while the broker has more. -1 never waits.
   */
  readonly maxTaskIdleMs?: DurationMs;
  /** Where to begin without a committed offset. The default is `earliest`. */
  readonly autoOffsetReset?: 'earliest' | 'latest' | 'none';
  /** Replicas of internal topics. The default is that of the cluster. */
  readonly replicationFactor?: number;
  readonly onDeserializationError?: ErrorPolicy;
  readonly onProcessingError?: ErrorPolicy;
  readonly onProductionError?: ErrorPolicy;
  /** Called for every other error. The default is `close`. */
  readonly onUncaughtError?: (error: Error) => UncaughtErrorAnswer;
  /** Whether to start although a store with state is no longer part of the topology. */
  readonly allowTopologyChange?: boolean;
  /** The number of a partition's records that may wait to be processed. The default is 1,000. */
  readonly bufferedRecordsMax?: number;
  /**
   * The bytes of a partition's fetched records that may wait to be processed. The default is 1 MiB.
   */
  readonly bufferedBytesMax?: number;
  /** The bytes written after which the next commit begins early. The default is 8 MiB. */
  readonly transactionBytesMax?: number;
  /**
   * The memory that a task's buffers of `suppress` without limits of their own may take together:
   * their bytes and 900 more per key. If they take more, the application ends, whatever its
   * policies. The default is 256 MiB.
   */
  readonly suppressBytesMax?: number;
  /**
   * The longest key of a store, in bytes. A record with a longer one cannot be processed. The
   * default is 1 MiB.
   */
  readonly storeKeyBytesMax?: number;
  /** The number of changelog records that are applied at once. The default is 10,000. */
  readonly restoreBatchRecordsMax?: number;
  /** How long the loop works before it lets other work use the thread. The default is 8 ms. */
  readonly sliceMsMax?: DurationMs;
  /**
   * How many records the loop processes before it lets other work use the thread. The default is
   * 512.
   */
  readonly sliceRecordsMax?: number;
  /**
   * How often the group checks whether tasks can move to a process that was restoring their state.
   * The default is 10 minutes.
   */
  readonly probingIntervalMs?: DurationMs;
  /** How often processed records of repartition topics are deleted. The default is 30 s. */
  readonly repartitionPurgeIntervalMs?: DurationMs;
  readonly sessionTimeoutMs?: DurationMs;
  readonly heartbeatIntervalMs?: DurationMs;
  readonly rebalanceTimeoutMs?: DurationMs;
  readonly transactionTimeoutMs?: DurationMs;
}

export interface StreamsSettings extends Required<
  Omit<StreamsOptions, 'replicationFactor' | 'onUncaughtError'>
> {
  readonly replicationFactor: number | undefined;
  readonly onUncaughtError: (error: Error) => UncaughtErrorAnswer;
  /** The offset at which a partition of an input topic ends, by its name. Others have no end. */
  readonly endOffsets: ReadonlyMap<string, bigint>;
}

/**
 * What queries of a store read: `committed` is the last commit, and `latest` includes the open
 * transaction, which may still be undone.
 */
export type StoreIsolation = 'committed' | 'latest';

export interface StoreQueryOptions {
  /** The default is `committed`. */
  readonly isolation?: StoreIsolation;
}

/** Returns the isolation. Throws `setting_invalid` for an unknown one. */
export function isolationOf({ isolation = 'committed' }: StoreQueryOptions): StoreIsolation {
  if (isolation === 'committed' || isolation === 'latest') return isolation;
  throw new StreamsError(
    'setting_invalid',
    `isolation is ${JSON.stringify(isolation)}: give committed or latest`,
  );
}
