import type { Logger } from '../../runtime/index.ts';
import type { PartitionLog } from '../../log/partition-log-port.ts';
import type { LogManager } from '../../log/log-manager.ts';
import type { FetchRequest, FetchResponse } from '../../protocol/apis/fetch.ts';
import { errorCodes, ProtocolError, type ErrorName } from '../../protocol/errors.ts';
import type { BufferPool } from '../../protocol/frames/buffer-pool.ts';
import { errorCodeOf } from '../served-api.ts';
import { zeroUuid } from '../../protocol/schema.ts';

export type PartitionResult = FetchResponse['responses'][number]['partitions'][number];

/** Whether the result needs no records: an error, or a diverging log. */
export const isVerdict = ({ errorCode, divergingEpoch }: PartitionResult): boolean =>
  errorCode !== errorCodes.NONE || divergingEpoch !== undefined;

type TopicToRead = Pick<FetchRequest['topics'][number], 'topic' | 'topicId'>;
type FetchPosition = FetchRequest['topics'][number]['partitions'][number];

const neverTold = -1n;

/**
 * A partition that a client reads, and what the client was last told about it. Lives as long as its
 * request or its fetch session.
 */
export class FetchedPartition {
  /** Empty if the client names the topic by id. */
  readonly topic: string;
  readonly topicId: string;
  position: FetchPosition;
  /** The partition with the lowest turn is read first. */
  turn = 0;
  readonly #onMoved: () => void;
  /** The name of a topic that was found by its id. It never changes. */
  #name: string | undefined;
  #log: PartitionLog | undefined;
  #stopListening: (() => void) | undefined;
  #told = { highWatermark: neverTold, logStartOffset: neverTold };

  /** `onMoved` is called when the log last found has moved or was deleted. */
  constructor({ topic, topicId }: TopicToRead, position: FetchPosition, onMoved: () => void) {
    this.topic = topic;
    this.topicId = topicId;
    this.position = position;
    this.#onMoved = onMoved;
  }

  /**
   * Watches the log from here on. Throws UNKNOWN_TOPIC_ID, UNKNOWN_TOPIC_OR_PARTITION, or
   * INCONSISTENT_TOPIC_ID if the topic's name now belongs to another topic.
   */
  findLog(logs: LogManager): PartitionLog {
    const name = this.#resolveName(logs);
    const { partition } = this.position;
    const log = this.#isReplaced(logs) ? undefined : logs.partition(name, partition);
    if (log !== this.#log) this.#listenTo(log);
    if (log !== undefined) return log;
    if (this.#isReplaced(logs))
      throw new ProtocolError('INCONSISTENT_TOPIC_ID', `topic ${name} does not have the id ${this.topicId}`);
    throw new ProtocolError('UNKNOWN_TOPIC_OR_PARTITION', `there is no partition ${name}-${partition}`);
  }

  /** The log last found, or undefined if there is none. */
  get log(): PartitionLog | undefined {
    return this.#log;
  }

  /** Whether the next record is written but not on disk yet. */
  get awaitsSync(): boolean {
    const { fetchOffset } = this.position;
    return (
      this.#log !== undefined &&
      fetchOffset >= this.#log.highWatermark &&
      fetchOffset < this.#log.logEndOffset
    );
  }

  /** Whether there are records, an error, or offsets that the client does not know yet. */
  isNews(result: PartitionResult): boolean {
    const { records, highWatermark, logStartOffset } = result;
    if (isVerdict(result) || (records?.length ?? 0) > 0) return true;
    return highWatermark !== this.#told.highWatermark || logStartOffset !== this.#told.logStartOffset;
  }

  /**
   * Remembers the offsets in an answer to the client. After an error, the next answer contains them
   * again, whether or not they have changed.
   */
  noteTold({ highWatermark, logStartOffset }: PartitionResult): void {
    this.#told = { highWatermark, logStartOffset: logStartOffset ?? neverTold };
  }

  close(): void {
    this.#listenTo(undefined);
  }

  #resolveName(logs: LogManager): string {
    if (this.topicId === zeroUuid) return this.topic;
    this.#name ??= logs.topicById(this.topicId)?.name;
    if (this.#name === undefined)
      throw new ProtocolError('UNKNOWN_TOPIC_ID', `there is no topic with id ${this.topicId}`);
    return this.#name;
  }

  /** Whether the topic was deleted and recreated under the same name. */
  #isReplaced(logs: LogManager): boolean {
    const found = this.#name === undefined ? undefined : logs.topic(this.#name);
    return found !== undefined && found.topicId !== this.topicId;
  }

  #listenTo(log: PartitionLog | undefined): void {
    this.#stopListening?.();
    this.#log = log;
    this.#stopListening = log?.onMoved(this.#onMoved);
  }
}

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
  if (epoch < 0)
    throw new ProtocolError(
      'OFFSET_OUT_OF_RANGE',
      `leader epoch ${lastFetchedEpoch}, of the last fetched record, is unknown here`,
    );
  if (fetchOffset < log.logStartOffset)
    throw new ProtocolError(
      'OFFSET_OUT_OF_RANGE',
      `offset ${fetchOffset} is below the log start offset ${log.logStartOffset}`,
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
