import type {
  FetchedRecord,
  OpenLogReader,
  RawBatch,
  RawControlBatch,
  RawDataBatch,
  RawPartition,
  TransactionState,
} from '@millrace/streaming-core/client';
import { messageOf, textOf, type Message } from './messages.ts';
import { readLog, type Reading } from './read-log.ts';

/** How the log stores a record or marker. */
export interface BatchFacts {
  readonly baseOffset: bigint;
  readonly lastOffset: bigint;
  /** The size of the batch on the log, compressed and with its header. */
  readonly batchBytes: number;
  readonly leaderEpoch: number;
  /** The producer's id, epoch and sequence are -1 where the log has none. */
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly sequence: number;
  readonly codec: RawBatch['codec'];
  readonly timestampType: RawBatch['timestampType'];
}

/** Where a record or marker is on the log, and in which batch. */
interface RawPlace extends BatchFacts {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  /** ISO 8601, UTC. */
  readonly time: string;
}

/** A record as it is on the log, beside its decoded content. */
export interface RawRecord extends RawPlace, Message {
  readonly control: null;
  readonly transaction: TransactionState;
  /** All headers in their order, also repeated names and null. Bytes that are not UTF-8 are in base64. */
  readonly headerList: ReadonlyArray<{ readonly name: string; readonly value: string | null }>;
}

/** The marker that ends a transaction on its partition. */
export interface RawMarker extends RawPlace {
  readonly control: 'commit' | 'abort';
  readonly coordinatorEpoch: number;
}

export type RawMessage = RawRecord | RawMarker;

/**
 * Yields the records and transaction markers of each partition in order, up to the ends or until the
 * signal aborts. Batches that compaction has emptied yield nothing.
 */
export const readRawMessages = (
  reader: Pick<OpenLogReader, 'fetchRaw'>,
  reading: Reading,
): AsyncGenerator<RawMessage, void> =>
  readLog(reading, {
    fetch: (positions) => reader.fetchRaw(positions),
    entriesOf: messagesOf,
  });

const messagesOf = (at: RawPartition): readonly RawMessage[] =>
  at.batches.flatMap((batch): readonly RawMessage[] =>
    batch.isControl ? markersOf(at, batch) : batch.records.map((record) => recordOf(batch, record)),
  );

function markersOf({ topic, partition }: RawPartition, batch: RawControlBatch): readonly RawMarker[] {
  const { marker, baseOffset } = batch;
  if (marker === undefined) return [];
  const { type, coordinatorEpoch, timestampMs } = marker;
  const time = new Date(timestampMs).toISOString();
  const place = { topic, partition, offset: baseOffset, time };
  return [{ ...place, ...batchFactsOf(batch, baseOffset), control: type, coordinatorEpoch }];
}

const recordOf = (batch: RawDataBatch, record: FetchedRecord): RawRecord => ({
  ...messageOf(record),
  ...batchFactsOf(batch, record.offset),
  control: null,
  transaction: batch.transaction,
  headerList: record.headerList.map(({ name, value }) => ({
    name,
    value: value === null ? null : textOf(value),
  })),
});

/** How the log stores the record or marker at an offset. */
export const batchFactsOf = (
  { baseOffset, lastOffset, sizeBytes, leaderEpoch, producerId, producerEpoch, ...batch }: RawBatch,
  offset: bigint,
): BatchFacts => ({
  baseOffset,
  lastOffset,
  batchBytes: sizeBytes,
  leaderEpoch,
  producerId,
  producerEpoch,
  sequence: sequenceAt(batch.baseSequence, Number(offset - baseOffset)),
  codec: batch.codec,
  timestampType: batch.timestampType,
});

/** The sequence of a record in its batch. Sequences are int32, and continue at 0 after the largest. */
const sequenceAt = (baseSequence: number, delta: number): number =>
  baseSequence < 0 ? baseSequence : (baseSequence + delta) % 2 ** 31;
