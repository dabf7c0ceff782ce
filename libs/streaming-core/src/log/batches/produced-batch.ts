import { ProtocolError, type ErrorName } from '../../protocol/errors.ts';
import {
  leadingBatch,
  batchHeaderBytes,
  currentMagic,
  RecordBatch,
  batchPrefixBytes,
  codecNumber,
} from '../../records/record-batch.ts';
import { checkRecords, type RecordSeen, unpackedRecords } from '../../records/record-block.ts';
import type { TopicSettings } from '../topics/topic-settings.ts';
import { MalformedBytes } from '../../records/varint.ts';
import { packSync } from '../../records/block-codecs.ts';

/**
 * Limits the wrong records that an answer names, each with a message: a megabyte can hold a million
 * of them, and the answer would be a hundred times as long.
 */
const namedRecordsMax = 100;

/**
 * Some records of a batch are invalid. `records` has their indexes, at most `namedRecordsMax`. The
 * broker would have accepted the others (KIP-467).
 */
export class InvalidRecords extends ProtocolError {
  readonly records: readonly number[];

  constructor(name: 'INVALID_RECORD' | 'INVALID_TIMESTAMP', records: readonly number[], message: string) {
    super(name, message);
    this.records = records;
  }
}

type AppendOrigin = NonNullable<AppendOptions['origin']>;

/**
 * Checks a batch from `onlyBatch` for one partition: that its topic accepts it, and that its header
 * matches its records. Unpacks a compressed batch only if keys matter or the topic has its own
 * codec (docs/adr/0019). Errors, in the order in which Apache Kafka finds them: CORRUPT_MESSAGE,
 * INVALID_RECORD, MESSAGE_TOO_LARGE, RECORD_LIST_TOO_LARGE, INVALID_TIMESTAMP.
 */
export function checkProducedBatch(
  batch: RecordBatch,
  settings: TopicSettings,
  nowMs: number,
  origin: AppendOrigin = 'client',
): void {
  if (origin === 'client' && batch.baseOffset !== 0n)
    throw refusal('INVALID_RECORD', `a producer's batch has to begin at offset 0, not ${batch.baseOffset}`);
  if (batch.sizeBytes > settings.maxMessageBytes)
    throw refusal(
      'MESSAGE_TOO_LARGE',
      `the batch has ${batch.sizeBytes} bytes, but max.message.bytes is ${settings.maxMessageBytes}`,
    );
  if (batch.sizeBytes < batchHeaderBytes)
    throw refusal('CORRUPT_MESSAGE', `a batch of ${batch.sizeBytes} bytes is too small for its header`);
  if (batch.computeCrc() !== batch.crc)
    throw refusal('CORRUPT_MESSAGE', 'the checksum of the batch does not match its bytes');
  checkHeader(batch, origin);
  checkContents(batch, settings, BigInt(nowMs));
  if (batch.sizeBytes > settings.segmentBytes)
    throw refusal(
      'RECORD_LIST_TOO_LARGE',
      `the batch has ${batch.sizeBytes} bytes, but segment.bytes is ${settings.segmentBytes}`,
    );
}

/**
 * The one version 2 batch that a producer has to send. Ignores bytes after it that are not a batch.
 */
export function onlyBatch(bytes: Buffer, batch = leadingBatch(bytes)): RecordBatch {
  if (batch === undefined) throw refusal('INVALID_RECORD', 'the request has no whole batch');
  if (batch.magic !== currentMagic)
    throw refusal('INVALID_RECORD', `magic ${batch.magic} is not supported: send version 2 batches`);
  if (batch.sizeBytes === bytes.length) return batch;
  if (leadingBatch(bytes.subarray(batch.sizeBytes)) !== undefined)
    throw refusal('INVALID_RECORD', 'the request has more than one batch for a partition');
  return new RecordBatch(bytes.subarray(0, batch.sizeBytes));
}

function checkHeader(batch: RecordBatch, origin: AppendOrigin): void {
  if (batch.recordCount <= 0 || batch.lastOffsetDelta !== batch.recordCount - 1)
    throw refusal(
      'INVALID_RECORD',
      `the record count ${batch.recordCount} does not match the last offset delta ${batch.lastOffsetDelta}`,
    );
  if (batch.isControl) throw refusal('INVALID_RECORD', 'only the broker writes control batches');
  if (batch.codec === undefined)
    throw refusal('INVALID_RECORD', `the attributes ${batch.attributes} have an unknown compression codec`);
  if (origin === 'client' && batch.producerId >= 0n && batch.baseSequence < 0)
    throw refusal('INVALID_RECORD', 'an idempotent batch needs a base sequence');
}

const noTimestamp = -1n;

/** Checks the times of the records only if those of the header are out of range. */
function checkContents(batch: RecordBatch, settings: TopicSettings, nowMs: bigint): void {
  const isTimely = timeliness(batch, settings, nowMs);
  const timely = isTimely(batch.maxTimestamp) && (batch.isLogAppendTime || isTimely(batch.baseTimestamp));
  const unpacked = batch.codec === 'none' || settings.compacted || settings.compression !== 'producer';
  const keyless: number[] = [];
  const untimely: number[] = [];
  const look = (index: number, { hasKey, timestampMs }: RecordSeen) => {
    const wrong = settings.compacted && !hasKey ? keyless : untimely;
    if (wrong.length === namedRecordsMax) return;
    if (wrong === keyless || (!timely && !isTimely(timestampMs()))) wrong.push(index);
  };
  checkRecordsOf(batch, { unpacked, look: settings.compacted || !timely ? look : undefined });
  const wrong = [...keyless, ...untimely].sort((a, b) => a - b).slice(0, namedRecordsMax);
  if (!timely && (untimely.length > 0 || keyless.length === 0))
    throw new InvalidRecords(
      'INVALID_TIMESTAMP',
      wrong,
      `the topic does not accept the time of a record: the broker's clock shows ${nowMs}`,
    );
  if (keyless.length > 0)
    throw new InvalidRecords('INVALID_RECORD', wrong, 'a compacted topic accepts no record without a key');
}

/**
 * A producer may not set the append time flag. It passes only if the topic keeps the producers'
 * times.
 */
function timeliness(
  batch: RecordBatch,
  settings: TopicSettings,
  nowMs: bigint,
): (timestampMs: bigint) => boolean {
  if (settings.logAppendTime) return () => !batch.isLogAppendTime;
  const earliest = nowMs - settings.timestampBeforeMaxMs;
  const latest = nowMs + settings.timestampAfterMaxMs;
  return (timestampMs) =>
    timestampMs === noTimestamp ? !batch.isLogAppendTime : timestampMs >= earliest && timestampMs <= latest;
}

function checkRecordsOf(batch: RecordBatch, how: Parameters<typeof checkRecords>[1]): void {
  try {
    checkRecords(batch, how);
  } catch (error) {
    if (error instanceof MalformedBytes)
      throw refusal('INVALID_RECORD', `the records do not match their batch: ${error.message}`);
    throw error;
  }
}

const refusal = (name: ErrorName, message: string) => new ProtocolError(name, message);

const codecBits = 0x07;

/**
 * The batch in the codec of the topic (`compression.type`). Returns the same batch if it has that
 * codec, or if the topic leaves the choice to producers. A batch that exceeds the limits in the new
 * codec is rejected as in Kafka: MESSAGE_TOO_LARGE, RECORD_LIST_TOO_LARGE.
 */
export function inTopicCodec(
  batch: RecordBatch,
  { compression, maxMessageBytes, segmentBytes }: TopicSettings,
): RecordBatch {
  if (compression === 'producer' || batch.codec === compression) return batch;
  const records = unpackedRecords(batch);
  if (records === undefined)
    throw new ProtocolError('INVALID_RECORD', `the bytes are not valid ${batch.codec ?? 'in any codec'}`);
  const repacked = withPayload(batch, packSync(compression, records), codecNumber(compression));
  const { sizeBytes } = repacked;
  if (sizeBytes > maxMessageBytes)
    throw new ProtocolError(
      'MESSAGE_TOO_LARGE',
      `the batch has ${sizeBytes} bytes as ${compression}, but max.message.bytes is ${maxMessageBytes}`,
    );
  if (sizeBytes > segmentBytes)
    throw new ProtocolError(
      'RECORD_LIST_TOO_LARGE',
      `the batch has ${sizeBytes} bytes as ${compression}, but segment.bytes is ${segmentBytes}`,
    );
  return repacked;
}

function withPayload(batch: RecordBatch, payload: Buffer, codec: number): RecordBatch {
  const bytes = Buffer.concat([batch.bytes.subarray(batch.start, batch.start + batchHeaderBytes), payload]);
  bytes.writeInt32BE(bytes.length - batchPrefixBytes, 8);
  bytes.writeInt16BE((batch.attributes & ~codecBits) | codec, 21);
  const repacked = new RecordBatch(bytes);
  bytes.writeUInt32BE(repacked.computeCrc(), 17);
  return repacked;
}

export interface AppendOptions {
  /**
   * `coordinator`: a batch without sequences that the broker writes in a client's transaction.
   * Default: `client`.
   */
  readonly origin?: 'client' | 'coordinator';
  /**
   * True if the transaction coordinator has added the partition to the producer's ongoing
   * transaction. Otherwise the batch may only continue a transaction that is already open on the
   * partition.
   */
  readonly inTransaction?: boolean;
}
