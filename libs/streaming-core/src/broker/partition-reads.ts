import type { Logger } from '../contract/index.ts';
import type { LogManager, PartitionLog } from '../log/types.ts';
import type { FetchRequest, FetchResponse } from '../protocol/apis/fetch.ts';
import { errorCodes, ProtocolError, type ErrorName } from '../protocol/errors.ts';
import type { BufferPool } from './buffer-pool.ts';
import { nodeId } from './broker-services.ts';
import type { FetchedPartition } from './fetched-partition.ts';
import { checkLeaderEpoch } from './leader-epoch.ts';
import { errorCodeOf } from './served-api.ts';

export type PartitionResult = FetchResponse['responses'][number]['partitions'][number];

const readCommitted = 1;
const noRecords = Buffer.alloc(0);

export interface ReadOptions {
  readonly request: Pick<FetchRequest, 'isolationLevel'>;
  readonly logs: LogManager;
  readonly logger: Logger;
  readonly buffers: BufferPool;
  /** Of the answer, as far as other partitions have left it. */
  readonly bytesMax: number;
  /** Nothing was read for the answer yet: one whole batch, whatever its size (F3). */
  readonly first: boolean;
}

/** What the partition holds from the client's position on, within the limits; an error in its place (F5-F10). */
export function readPartition(target: FetchedPartition, options: ReadOptions): PartitionResult {
  const { partition: partitionIndex, fetchOffset, currentLeaderEpoch, partitionMaxBytes } = target.position;
  try {
    const log = target.findLog(options.logs);
    checkLeaderEpoch(log, currentLeaderEpoch);
    const committed = options.request.isolationLevel === readCommitted;
    const maxBytes = Math.min(Math.max(partitionMaxBytes, 0), Math.max(options.bytesMax, 0));
    const limits = { maxBytes, minOneBatch: options.first, committed, allocate: (bytes: number) => options.buffers.take(bytes) };
    const records = options.first || maxBytes > 0 ? log.read(fetchOffset, limits) : noRecords;
    return {
      partitionIndex,
      errorCode: errorCodes.NONE,
      highWatermark: log.highWatermark,
      lastStableOffset: log.lastStableOffset,
      logStartOffset: log.logStartOffset,
      abortedTransactions: committed ? log.abortedTransactions(fetchOffset, records) : null,
      records,
    };
  } catch (error) {
    if (!(error instanceof ProtocolError))
      options.logger.error({ err: error, topic: target.topic, topicId: target.topicId, partition: partitionIndex }, 'read failed');
    return {
      partitionIndex,
      errorCode: errorCodeOf(error),
      highWatermark: -1n,
      abortedTransactions: abortsBeside(error),
      ...leaderHint(error, target),
      records: noRecords,
    };
  }
}

/** Apache Kafka sends an empty list for what it does not know, and null for what it knows and refuses. */
const abortsBeside = (error: unknown): [] | null => (error instanceof ProtocolError && unknownPlaces.has(error.errorName) ? [] : null);
const unknownPlaces: ReadonlySet<ErrorName> = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'UNKNOWN_TOPIC_ID']);

/** Who asks with a leader epoch of the past is told the present one, and need not look it up (KIP-951). */
const leaderHint = (error: unknown, { log }: FetchedPartition) =>
  error instanceof ProtocolError && error.errorName === 'FENCED_LEADER_EPOCH' && log !== undefined
    ? { currentLeader: { leaderId: nodeId, leaderEpoch: log.leaderEpoch } }
    : {};

/** Where this client's data ends for now: the last stable offset for those who read committed records only (F8, F9). */
export const readableEnd = (log: PartitionLog, { isolationLevel }: Pick<FetchRequest, 'isolationLevel'>): bigint =>
  isolationLevel === readCommitted ? log.lastStableOffset : log.highWatermark;
