import type { Logger } from '../../runtime/index.ts';
import type { PartitionLog } from '../../log/partition-log-port.ts';
import type { LogManager } from '../../log/log-manager.ts';
import type { FetchRequest } from '../../protocol/apis/fetch.ts';
import { errorCodes, ProtocolError, type ErrorName } from '../../protocol/errors.ts';
import type { BufferPool } from '../../protocol/frames/buffer-pool.ts';
import type { FetchedPartition, FetchPosition, PartitionResult } from './fetched-partition.ts';
import { errorCodeOf } from '../served-api.ts';

const noRecords = Buffer.alloc(0);

interface ReadOptions {
  readonly request: Pick<FetchRequest, 'isolationLevel'>;
  readonly logs: LogManager;
  readonly nodeId: number;
  readonly logger: Logger;
  readonly buffers: BufferPool;
  /** The bytes of the answer that other partitions have left. */
  readonly bytesMax: number;
  /**
   * Whether nothing was read for the answer yet. Then one whole batch is returned, whatever its
   * size.
   */
  readonly first: boolean;
}

/**
 * Reads a partition from the client's position within the limits. Returns errors as part of the
 * result.
 */
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
    // Reports a wrong offset even if there is no room.
    const records = log.read(fetchOffset, limits);
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
 * Returns where the client's log diverges: the end of the last record's epoch, if that epoch ended
 * here before the client's position (KIP-595). Throws OFFSET_OUT_OF_RANGE when the epoch is
 * unknown, or when the position is below the log start offset.
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
      `offset ${fetchOffset} cannot follow a record of leader epoch ${lastFetchedEpoch}, which is unknown here`,
    );
  return epoch < lastFetchedEpoch || endOffset < fetchOffset ? { epoch, endOffset } : undefined;
}

/**
 * Apache Kafka sends an empty list for an unknown partition, and null for one that it knows and
 * rejects.
 */
const abortsBeside = (error: unknown): [] | null =>
  error instanceof ProtocolError && unknownPlaces.has(error.errorName) ? [] : null;
const unknownPlaces: ReadonlySet<ErrorName> = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'UNKNOWN_TOPIC_ID']);

/**
 * Tells a client with an old leader epoch the current one, which saves it a Metadata request
 * (KIP-951).
 */
const leaderHint = (error: unknown, { log }: FetchedPartition, { nodeId }: ReadOptions) =>
  error instanceof ProtocolError && error.errorName === 'FENCED_LEADER_EPOCH' && log !== undefined
    ? { currentLeader: { leaderId: nodeId, leaderEpoch: log.leaderEpoch } }
    : {};

/**
 * The offset where this client's data ends: the last stable offset for read_committed, otherwise
 * the high watermark.
 */
export const readableEnd = (log: PartitionLog, request: Pick<FetchRequest, 'isolationLevel'>): bigint =>
  readsCommitted(request) ? log.lastStableOffset : log.highWatermark;

const readUncommitted = 0;
const readCommitted = 1;

interface Isolated {
  readonly isolationLevel: number;
}

/** Whether the client reads no records of open or aborted transactions. */
export const readsCommitted = ({ isolationLevel }: Isolated): boolean => isolationLevel === readCommitted;

export function checkIsolation({ isolationLevel }: Isolated): void {
  if (isolationLevel !== readUncommitted && isolationLevel !== readCommitted)
    throw new ProtocolError(
      'INVALID_REQUEST',
      `there is no isolation level ${isolationLevel}: give 0 (read_uncommitted) or 1 (read_committed)`,
    );
}

const notGiven = -1;

/** Throws when the client has another leader epoch than ours, so that it refreshes its metadata. */
export function checkLeaderEpoch(log: PartitionLog, clientEpoch: number): void {
  if (clientEpoch === notGiven || clientEpoch === log.leaderEpoch) return;
  const name = clientEpoch < log.leaderEpoch ? 'FENCED_LEADER_EPOCH' : 'UNKNOWN_LEADER_EPOCH';
  throw new ProtocolError(
    name,
    `leader epoch ${clientEpoch} was given, but the current one is ${log.leaderEpoch}`,
  );
}
