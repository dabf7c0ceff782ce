import { unpackSync } from '../../records/block-codecs.ts';
import type { RecordBatch } from '../../records/record-batch.ts';
import { MalformedBytes, readVarint, readVarlongAsNumber, type Cursor } from '../../records/varint.ts';
import type { FetchedRecord, TopicPartition, UndecodedRecords } from '../types.ts';
import { contentBytesOf } from '../traffic-reports.ts';
import { DecodedRecord, readBytes } from './decoded-record.ts';
import { unreadableBatch } from './unreadable-batch.ts';

const noBytesLeft: Cursor = { bytes: Buffer.alloc(0), position: 0 };

/** The records of batches from a position on. Throws ClientError for a batch that cannot be read. */
export class BatchRecords implements UndecodedRecords {
  readonly countMax: number;
  readonly sizeBytes: number;
  /** Called after the last record, with the number of records and the bytes of their contents. */
  onDecoded: ((records: number, bytes: number) => void) | undefined;
  readonly #at: TopicPartition;
  readonly #position: bigint;
  readonly #batches: readonly RecordBatch[];
  #opened = 0;
  #cursor: Cursor = noBytesLeft;
  #left = 0;
  #baseOffset = 0n;
  #baseTimestampMs = 0;
  #appendTimeMs: number | undefined;
  #taken = 0;
  #takenBytes = 0;

  constructor(at: TopicPartition, position: bigint, batches: readonly RecordBatch[]) {
    this.#at = at;
    this.#position = position;
    this.#batches = batches;
    this.countMax = batches.reduce((sum, { recordCount }) => sum + recordCount, 0);
    this.sizeBytes = batches.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  }

  next(): FetchedRecord | undefined {
    for (;;) {
      const record = this.#nextOfBatches();
      if (record === undefined) return this.#end();
      if (record.offset < this.#position) continue;
      if (this.onDecoded !== undefined) this.#count(record);
      return record;
    }
  }

  /** Decodes all records that were not taken yet. */
  rest(): readonly FetchedRecord[] {
    const records: FetchedRecord[] = [];
    for (let record = this.next(); record !== undefined; record = this.next()) records.push(record);
    return records;
  }

  #nextOfBatches(): FetchedRecord | undefined {
    try {
      while (this.#left === 0) if (!this.#open()) return undefined;
      return this.#read();
    } catch (error) {
      throw unreadableBatch(this.#at, this.#batches[this.#opened - 1]!, error);
    }
  }

  #count(record: FetchedRecord): void {
    this.#taken += 1;
    this.#takenBytes += contentBytesOf(record);
  }

  #end(): undefined {
    if (this.#taken > 0) this.onDecoded?.(this.#taken, this.#takenBytes);
    this.#taken = 0;
    return undefined;
  }

  /** Returns false after the last batch. */
  #open(): boolean {
    const batch = this.#batches[this.#opened];
    if (batch === undefined) return false;
    this.#opened += 1;
    const { baseOffset, codec, recordCount } = batch;
    if (codec === undefined) throw new MalformedBytes('a batch has an unknown compression codec');
    this.#appendTimeMs = batch.isLogAppendTime ? Number(batch.maxTimestamp) : undefined;
    this.#baseTimestampMs = Number(batch.baseTimestamp);
    this.#baseOffset = baseOffset;
    this.#cursor = { bytes: unpackSync(codec, batch.payload), position: 0 };
    this.#left = recordCount;
    return true;
  }

  #read(): FetchedRecord {
    const cursor = this.#cursor;
    const length = readVarint(cursor);
    const end = cursor.position + length;
    if (length < 0 || end > cursor.bytes.length)
      throw new MalformedBytes(`a record ends beyond its batch, ${this.#left} records before its last`);
    cursor.position += 1; // attributes, unused
    const timestampMs = this.#baseTimestampMs + readVarlongAsNumber(cursor);
    const offset = this.#baseOffset + BigInt(readVarint(cursor));
    const { topic, partition } = this.#at;
    const record = new DecodedRecord(
      { topic, partition, offset, timestampMs: this.#appendTimeMs ?? timestampMs },
      readBytes(cursor, end),
      readBytes(cursor, end),
      cursor,
      end,
    );
    cursor.position = end;
    this.#left -= 1;
    return record;
  }
}
