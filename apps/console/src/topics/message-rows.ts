import { sequenceAt, textOf } from '@millrace/operations/client';
import type { FetchedRecord, RawBatch, RawPartition } from '@millrace/streaming-core/client';
import type { MessageRow } from '../api/topics.ts';
import { typeOf } from './message-filter.ts';

const lineCharactersMax = 240;
/** Enough bytes for the line, whatever its characters are. */
const lineBytesMax = 4 * lineCharactersMax;

export const rowOf = (record: FetchedRecord): MessageRow => ({
  partition: record.partition,
  offset: Number(record.offset),
  time: new Date(record.timestampMs).toISOString(),
  key: record.key === null ? null : textOf(record.key).slice(0, lineCharactersMax),
  type: typeOf(record),
  line: record.value === null ? null : lineOf(record.value),
});

/** The beginning of a value as text. The cut may split a character, whose half is left out. */
function lineOf(value: Buffer): string {
  if (value.length <= lineBytesMax) return textOf(value).slice(0, lineCharactersMax);
  const text = value.toString('utf8', 0, lineBytesMax).replace(/\uFFFD{1,3}$/, '');
  const line = text.includes('\uFFFD') ? `base64:${value.toString('base64', 0, lineBytesMax)}` : text;
  return line.slice(0, lineCharactersMax);
}

/** A record or a transaction marker, with the batch in which the log stores it. */
export interface RawEntry {
  readonly offset: bigint;
  readonly partition: number;
  readonly batch: RawBatch;
  /** Absent for a marker. */
  readonly record?: FetchedRecord;
}

/** Batches that compaction has emptied have no entries. */
export const rawEntriesOf = ({ partition, batches }: RawPartition): readonly RawEntry[] =>
  batches.flatMap((batch): readonly RawEntry[] =>
    batch.isControl
      ? [{ offset: batch.baseOffset, partition, batch }]
      : batch.records.map((record) => ({ offset: record.offset, partition, batch, record })),
  );

export const rawRowOf = ({ offset, partition, batch, record }: RawEntry): MessageRow => ({
  ...(record === undefined ? markerRow(partition, batch) : rowOf(record)),
  raw: {
    control: batch.isControl ? (batch.marker?.type ?? 'unknown') : null,
    transaction: batch.isControl ? 'none' : batch.transaction,
    baseOffset: Number(batch.baseOffset),
    lastOffset: Number(batch.lastOffset),
    batchBytes: batch.sizeBytes,
    leaderEpoch: batch.leaderEpoch,
    producerId: String(batch.producerId),
    producerEpoch: batch.producerEpoch,
    sequence: sequenceAt(batch.baseSequence, Number(offset - batch.baseOffset)),
    codec: batch.codec,
  },
});

const markerRow = (partition: number, batch: RawBatch): MessageRow => ({
  partition,
  offset: Number(batch.baseOffset),
  time: batch.isControl && batch.marker !== undefined ? new Date(batch.marker.timestampMs).toISOString() : '',
  key: null,
  type: null,
  line: null,
});
