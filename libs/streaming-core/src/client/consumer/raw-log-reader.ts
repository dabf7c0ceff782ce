import type { CompressionCodec, RecordBatch } from '../../records/record-batch.ts';
import { markerOf } from '../../records/records.ts';
import { MalformedBytes } from '../../records/varint.ts';
import type { BrokerClient } from '../connection/broker-client.ts';
import type { ClientError } from '../errors/client-error.ts';
import type { FetchedPartition, FetchedRecord, FetchPosition } from '../fetched-records.ts';
import { BatchRecords, unreadableBatch } from './batch-records.ts';
import { failedPartition, type AnsweredPartition } from './fetch-answer.ts';
import { LogReader, type ReaderSettings } from './log-reader.ts';
import type { TopicPins } from './topic-pins.ts';

/** The header of a record batch (KIP-98). */
interface RawBatchHeader {
  readonly baseOffset: bigint;
  readonly lastOffset: bigint;
  /** The leader epoch of the partition when the batch was written. */
  readonly leaderEpoch: number;
  /** The producer's id, epoch and sequence are -1 in batches of a producer without idempotence. */
  readonly producerId: bigint;
  readonly producerEpoch: number;
  /** The sequence of the record at the base offset. It is -1 in control batches. */
  readonly baseSequence: number;
  readonly codec: CompressionCodec;
  readonly timestampType: 'CreateTime' | 'LogAppendTime';
  readonly isTransactional: boolean;
  /** The size on the log, compressed and with the header. */
  readonly sizeBytes: number;
}

/**
 * The state of the transaction that a batch belongs to. It is `open` from the last stable offset on:
 * the transaction, or another one that began before the batch, has not ended.
 */
export type TransactionState = 'none' | 'committed' | 'aborted' | 'open';

export interface RawDataBatch extends RawBatchHeader {
  readonly isControl: false;
  readonly transaction: TransactionState;
  /** The records from the position of the fetch on. Compaction may have removed all of them. */
  readonly records: readonly FetchedRecord[];
}

export interface RawControlBatch extends RawBatchHeader {
  readonly isControl: true;
  /** Absent in a control batch of another kind, or if compaction has removed the marker. */
  readonly marker?: {
    readonly type: 'commit' | 'abort';
    /** The leader epoch of the transaction coordinator's partition. */
    readonly coordinatorEpoch: number;
    readonly timestampMs: number;
  };
}

/** A batch as it is on the log. */
export type RawBatch = RawDataBatch | RawControlBatch;

/** Like `FetchedPartition`, with whole batches. */
export interface RawPartition extends Omit<FetchedPartition, 'records'> {
  readonly batches: readonly RawBatch[];
}

/**
 * Reads every batch of the log, and finds out how each transaction ended.
 *
 * A read_uncommitted fetch returns all batches, but not which of them were aborted. If it returns
 * batches of transactions, a read_committed fetch from the same position follows. There are two cases:
 *
 * 1. It returns batches. They end before the last stable offset, so all of their transactions have
 *    ended. The broker lists the aborted ones, and so the others were committed. These batches, which
 *    include markers and aborted records, are the result.
 * 2. It returns none, because its last stable offset is not above the position. The batches of the
 *    first fetch are the result. They lie above the last stable offset of a later moment, so
 *    their transactions were still open when they were read.
 *
 * A transaction that ends between both requests leads to the first case. If the answer has no room
 * for a partition, neither case applies, and the partition has no batches until the next fetch.
 */
export class RawLogReader {
  readonly #settings: ReaderSettings;
  readonly #brokers: BrokerClient;
  readonly #pins: TopicPins;
  readonly #all: LogReader;

  constructor(settings: ReaderSettings, brokers: BrokerClient, pins: TopicPins) {
    this.#settings = settings;
    this.#brokers = brokers;
    this.#pins = pins;
    this.#all = new LogReader({ ...settings, isolation: 'read_uncommitted' }, brokers, pins);
  }

  async fetch(positions: readonly FetchPosition[]): Promise<readonly RawPartition[]> {
    const all = await this.#all.fetchUndecoded(positions);
    const undecided = positions.filter((_, index) => all[index]!.records.batches.some(isOfTransaction));
    const decided = await this.#fetchDecided(undecided);
    return positions.map((position, index) => rawPartition(position, all[index]!, decided.get(position)));
  }

  /**
   * Uses a new reader each time, because its first fetch is outside any session. The answer then has
   * the present last stable offset of every partition, and none that the reader remembers.
   */
  async #fetchDecided(
    positions: readonly FetchPosition[],
  ): Promise<ReadonlyMap<FetchPosition, AnsweredPartition>> {
    if (positions.length === 0) return new Map();
    const settings = { ...this.#settings, isolation: 'read_committed', fetchMaxWaitMs: 0 } as const;
    const reader = new LogReader(settings, this.#brokers, this.#pins);
    const answered = await reader.fetchUndecoded(positions, 'all');
    return new Map(positions.map((position, index) => [position, answered[index]!]));
  }
}

const isOfTransaction = ({ isTransactional, isControl }: RecordBatch): boolean =>
  isTransactional && !isControl;

/** `decided` is the answer to the read_committed fetch, if there was one. */
function rawPartition(
  position: FetchPosition,
  all: AnsweredPartition,
  decided: AnsweredPartition | undefined,
): RawPartition {
  const isOpen = decided === undefined || isAboveStable(decided, position);
  const { records, ...answered } = isOpen ? all : decided;
  try {
    const batches = records.batches.map((batch) =>
      rawBatch(position, batch, isOpen ? 'open' : records.aborted.has(batch) ? 'aborted' : 'committed'),
    );
    return { ...answered, batches };
  } catch (error) {
    const { records: _, ...failed } = failedPartition(position, error as ClientError, answered);
    return { ...failed, batches: [] };
  }
}

const isAboveStable = (
  { records, error, lastStableOffset = -1n }: AnsweredPartition,
  { offset }: FetchPosition,
): boolean => error === undefined && records.batches.length === 0 && lastStableOffset <= offset;

/** `state` is that of the transaction, if the batch belongs to one. */
function rawBatch(position: FetchPosition, batch: RecordBatch, state: TransactionState): RawBatch {
  const { codec } = batch;
  if (codec === undefined)
    throw unreadableBatch(position, batch, new MalformedBytes('it has an unknown compression codec'));
  const header: RawBatchHeader = {
    baseOffset: batch.baseOffset,
    lastOffset: batch.lastOffset,
    leaderEpoch: batch.leaderEpoch,
    producerId: batch.producerId,
    producerEpoch: batch.producerEpoch,
    baseSequence: batch.baseSequence,
    codec,
    timestampType: batch.isLogAppendTime ? 'LogAppendTime' : 'CreateTime',
    isTransactional: batch.isTransactional,
    sizeBytes: batch.sizeBytes,
  };
  if (batch.isControl) return { ...header, isControl: true, ...markerIn(batch) };
  return {
    ...header,
    isControl: false,
    transaction: batch.isTransactional ? state : 'none',
    records: new BatchRecords(position, position.offset, [batch]).rest(),
  };
}

function markerIn(batch: RecordBatch): Pick<RawControlBatch, 'marker'> {
  const marker = markerOf(batch);
  if (marker === undefined) return {};
  const { committed, coordinatorEpoch } = marker;
  const type = committed ? 'commit' : 'abort';
  return { marker: { type, coordinatorEpoch, timestampMs: Number(batch.baseTimestamp) } };
}
