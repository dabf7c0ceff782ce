import type { Logger } from '../../runtime/index.ts';
import type { PartitionLog } from '../../log/partition-log-port.ts';
import type { LogManager } from '../../log/log-manager-port.ts';
import type { FetchRequest } from '../../protocol/apis/fetch.ts';
import { errorCodes, ProtocolError, type ErrorName } from '../../protocol/errors.ts';
import type { BufferPool } from '../../protocol/frames/buffer-pool.ts';
import type { FetchedPartition, FetchPosition } from './fetched-partition.ts';
import { readsCommitted } from './isolation.ts';
import { checkLeaderEpoch } from '../leader-epoch.ts';
import { errorCodeOf } from '../served-api.ts';
import type { PartitionResult } from './partition-result.ts';

const noRecords = Buffer.alloc(0);

export interface ReadOptions {
  readonly request: Pick<FetchRequest, 'isolationLevel'>;
  readonly logs: LogManager;
  readonly nodeId: number;
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
    const divergingEpoch = divergence(log, target.position);
    const ends = {
      highWatermark: log.highWatermark,
      lastStableOffset: log.lastStableOffset,
      logStartOffset: log.logStartOffset,
    };
    if (divergingEpoch !== undefined)
      return { partitionIndex, errorCode: errorCodes.NONE, ...ends, divergingEpoch, records: noRecords };
    const committed = readsCommitted(options.request);
    const maxBytes = Math.min(Math.max(partitionMaxBytes, 0), Math.max(options.bytesMax, 0));
    const limits = {
      maxBytes,
      minOneBatch: options.first,
      committed,
      allocate: (bytes: number) => options.buffers.take(bytes),
    };
    const records = log.read(fetchOffset, limits); // without room it still says what is wrong with the offset
    return {
      partitionIndex,
      errorCode: errorCodes.NONE,
      ...ends,
      abortedTransactions: committed ? log.abortedTransactions(fetchOffset, records) : null,
      records,
    };
  } catch (error) {
    if (!(error instanceof ProtocolError))
      options.logger.error(
        { err: error, topic: target.topic, topicId: target.topicId, partition: partitionIndex },
        'read failed',
      );
    return {
      partitionIndex,
      errorCode: errorCodeOf(error),
      highWatermark: -1n,
      abortedTransactions: abortsBeside(error),
      ...leaderHint(error, target, options),
      records: noRecords,
    };
  }
}

/**
 * Where the log that the client has read ends, when its last record is of an epoch that ended here before its position (KIP-595). Throws
 * OFFSET_OUT_OF_RANGE where nothing is known of the epoch, or the position is below the log's start.
 */
function divergence(
  log: PartitionLog,
  { lastFetchedEpoch, fetchOffset }: FetchPosition,
): PartitionResult['divergingEpoch'] {
  if (lastFetchedEpoch < 0) return undefined;
  const { leaderEpoch: epoch, endOffset } = log.endOffsetForEpoch(lastFetchedEpoch);
  if (epoch < 0 || fetchOffset < log.logStartOffset)
    throw new ProtocolError(
      'OFFSET_OUT_OF_RANGE',
      `nothing is known at offset ${fetchOffset} behind a record of leader epoch ${lastFetchedEpoch}`,
    );
  return epoch < lastFetchedEpoch || endOffset < fetchOffset ? { epoch, endOffset } : undefined;
}

/** Apache Kafka sends an empty list for what it does not know, and null for what it knows and refuses. */
const abortsBeside = (error: unknown): [] | null =>
  error instanceof ProtocolError && unknownPlaces.has(error.errorName) ? [] : null;
const unknownPlaces: ReadonlySet<ErrorName> = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'UNKNOWN_TOPIC_ID']);

/** Who asks with a leader epoch of the past is told the present one, and need not look it up (KIP-951). */
const leaderHint = (error: unknown, { log }: FetchedPartition, { nodeId }: ReadOptions) =>
  error instanceof ProtocolError && error.errorName === 'FENCED_LEADER_EPOCH' && log !== undefined
    ? { currentLeader: { leaderId: nodeId, leaderEpoch: log.leaderEpoch } }
    : {};

/** Where this client's data ends for now: the last stable offset for those who read committed records only (F8, F9). */
export const readableEnd = (log: PartitionLog, request: Pick<FetchRequest, 'isolationLevel'>): bigint =>
  readsCommitted(request) ? log.lastStableOffset : log.highWatermark;
