import { ProtocolError, type ErrorName } from '../protocol/errors.ts';
import { batchHeaderBytes, batchPrefixBytes, currentMagic, RecordBatch } from './record-batch.ts';
import { checkRecords } from './record-block.ts';
import type { TopicSettings } from './topic-settings.ts';
import type { AppendOptions } from './types.ts';
import { MalformedBytes } from './varint.ts';

/** INVALID_RECORD because of some records of a batch, by their place in it: the others would have been taken (KIP-467). */
export class InvalidRecords extends ProtocolError {
  readonly records: readonly number[];

  constructor(records: readonly number[], message: string) {
    super('INVALID_RECORD', message);
    this.records = records;
  }
}

type AppendOrigin = NonNullable<AppendOptions['origin']>;

/**
 * Checks what a producer sent for one partition: exactly one whole version 2 batch that this topic takes, whose header agrees with its
 * records (P2 of the protocol notes; gzip and zstd are unpacked for it, snappy and lz4 bounded, or unpacked where keys matter). Errors: CORRUPT_MESSAGE, INVALID_RECORD,
 * MESSAGE_TOO_LARGE, RECORD_LIST_TOO_LARGE, INVALID_TIMESTAMP.
 */
export function checkProducedBatch(bytes: Buffer, settings: TopicSettings, nowMs: number, origin: AppendOrigin = 'client'): RecordBatch {
  const batch = new RecordBatch(bytes);
  checkOneBatch(bytes);
  if (batch.sizeBytes > settings.maxMessageBytes)
    throw refusal('MESSAGE_TOO_LARGE', `batch has ${batch.sizeBytes} bytes, max.message.bytes is ${settings.maxMessageBytes}`);
  if (batch.sizeBytes > settings.segmentBytes)
    throw refusal('RECORD_LIST_TOO_LARGE', `batch has ${batch.sizeBytes} bytes, segment.bytes is ${settings.segmentBytes}`);
  if (batch.computeCrc() !== batch.crc) throw refusal('CORRUPT_MESSAGE', 'checksum of the batch does not match its bytes');
  checkHeader(batch, origin);
  if (!settings.logAppendTime) checkTimestamps(batch, settings, nowMs);
  checkContents(batch, settings);
  return batch;
}

/** What can be said of the bytes alone, whatever the topic: exactly one whole version 2 batch. */
export function checkOneBatch(bytes: Buffer): void {
  const batch = new RecordBatch(bytes);
  if (bytes.length === 0) throw refusal('INVALID_RECORD', 'no batch was sent');
  if (bytes.length >= 17 && batch.magic !== currentMagic)
    throw refusal('INVALID_RECORD', `magic ${batch.magic} is not taken: send version 2 batches`);
  if (bytes.length < batchPrefixBytes || batch.sizeBytes > bytes.length)
    throw refusal('INVALID_RECORD', 'no whole batch was sent: its length says more than the bytes that came');
  if (batch.sizeBytes < batchHeaderBytes)
    throw refusal('CORRUPT_MESSAGE', `a batch of ${batch.sizeBytes} bytes has no room for its header`);
  if (batch.sizeBytes < bytes.length) throw refusal('INVALID_RECORD', 'more than one batch was sent for a partition');
}

function checkHeader(batch: RecordBatch, origin: AppendOrigin): void {
  if (batch.recordCount <= 0 || batch.lastOffsetDelta !== batch.recordCount - 1)
    throw refusal('INVALID_RECORD', `record count ${batch.recordCount} disagrees with last offset delta ${batch.lastOffsetDelta}`);
  if (origin === 'client' && batch.baseOffset !== 0n)
    throw refusal('INVALID_RECORD', `a producer's batch begins at offset 0, not ${batch.baseOffset}`);
  if (batch.isControl) throw refusal('INVALID_RECORD', 'control batches are written by the broker only');
  if (batch.codec === undefined) throw refusal('INVALID_RECORD', `attributes ${batch.attributes} name no compression codec`);
  if (origin === 'client' && batch.producerId >= 0n && (batch.baseSequence < 0 || batch.producerEpoch < 0))
    throw refusal('INVALID_RECORD', 'an idempotent batch needs an epoch and a base sequence');
}

const noTimestamp = -1n;

function checkTimestamps(batch: RecordBatch, settings: TopicSettings, nowMs: number): void {
  const { timestampBeforeMaxMs: before, timestampAfterMaxMs: after } = settings;
  const now = BigInt(nowMs);
  if (batch.baseTimestamp !== noTimestamp && batch.baseTimestamp < now - before)
    throw refusal('INVALID_TIMESTAMP', `timestamp ${batch.baseTimestamp} is more than ${before} ms in the past`);
  if (batch.maxTimestamp > now + after)
    throw refusal('INVALID_TIMESTAMP', `timestamp ${batch.maxTimestamp} is more than ${after} ms in the future`);
}

/** A look for keys unpacks the records, whatever the codec; other topics only bound those of snappy and lz4. */
function checkContents(batch: RecordBatch, settings: TopicSettings): void {
  const { keyless } = checkedRecords(batch, settings.compacted);
  if (keyless.length > 0) throw new InvalidRecords(keyless, 'a compacted topic takes no record without a key');
}

function checkedRecords(batch: RecordBatch, keys: boolean): ReturnType<typeof checkRecords> {
  try {
    return checkRecords(batch, { keys });
  } catch (error) {
    if (error instanceof MalformedBytes) throw refusal('INVALID_RECORD', `records disagree with their batch: ${error.message}`);
    throw error;
  }
}

const refusal = (name: ErrorName, message: string) => new ProtocolError(name, message);
