import { ProtocolError, type ErrorName } from '../../protocol/errors.ts';
import { leadingBatch } from '../../records/leading-batch.ts';
import { batchHeaderBytes, currentMagic, RecordBatch } from '../../records/record-batch.ts';
import { checkRecords, type RecordSeen } from '../../records/record-block.ts';
import type { TopicSettings } from '../topics/topic-settings.ts';
import type { AppendOptions } from '../append-options.ts';
import { MalformedBytes } from '../../records/varint.ts';

/** Of a batch, with a message for each: a megabyte can hold a million wrong ones, and the answer would be a hundred times as long. */
const namedRecordsMax = 100;

/** Because of some records of a batch, by their place in it, the first `namedRecordsMax` at most: the others would have been taken (KIP-467). */
export class InvalidRecords extends ProtocolError {
  readonly records: readonly number[];

  constructor(name: 'INVALID_RECORD' | 'INVALID_TIMESTAMP', records: readonly number[], message: string) {
    super(name, message);
    this.records = records;
  }
}

type AppendOrigin = NonNullable<AppendOptions['origin']>;

/**
 * Checks the batch of `onlyBatch` for one partition: that its topic takes it, and that its header agrees with its records (P2 of the protocol
 * notes). What is compressed is unpacked only where keys matter or the topic has a codec of its own: see docs/adr/0019. Errors: CORRUPT_MESSAGE, INVALID_RECORD,
 * MESSAGE_TOO_LARGE, RECORD_LIST_TOO_LARGE, INVALID_TIMESTAMP, in the order in which Apache Kafka finds them.
 */
export function checkProducedBatch(
  batch: RecordBatch,
  settings: TopicSettings,
  nowMs: number,
  origin: AppendOrigin = 'client',
): void {
  if (origin === 'client' && batch.baseOffset !== 0n)
    throw refusal('INVALID_RECORD', `a producer's batch begins at offset 0, not ${batch.baseOffset}`);
  if (batch.sizeBytes > settings.maxMessageBytes)
    throw refusal(
      'MESSAGE_TOO_LARGE',
      `batch has ${batch.sizeBytes} bytes, max.message.bytes is ${settings.maxMessageBytes}`,
    );
  if (batch.sizeBytes < batchHeaderBytes)
    throw refusal('CORRUPT_MESSAGE', `a batch of ${batch.sizeBytes} bytes has no room for its header`);
  if (batch.computeCrc() !== batch.crc)
    throw refusal('CORRUPT_MESSAGE', 'checksum of the batch does not match its bytes');
  checkHeader(batch, origin);
  checkContents(batch, settings, BigInt(nowMs));
  if (batch.sizeBytes > settings.segmentBytes)
    throw refusal(
      'RECORD_LIST_TOO_LARGE',
      `batch has ${batch.sizeBytes} bytes, segment.bytes is ${settings.segmentBytes}`,
    );
}

/** The one version 2 batch that a producer has to send; what follows it is ignored where it is no batch. */
export function onlyBatch(bytes: Buffer, batch = leadingBatch(bytes)): RecordBatch {
  if (batch === undefined) throw refusal('INVALID_RECORD', 'no whole batch was sent');
  if (batch.magic !== currentMagic)
    throw refusal('INVALID_RECORD', `magic ${batch.magic} is not taken: send version 2 batches`);
  if (batch.sizeBytes === bytes.length) return batch;
  if (leadingBatch(bytes.subarray(batch.sizeBytes)) !== undefined)
    throw refusal('INVALID_RECORD', 'more than one batch was sent for a partition');
  return new RecordBatch(bytes.subarray(0, batch.sizeBytes));
}

function checkHeader(batch: RecordBatch, origin: AppendOrigin): void {
  if (batch.recordCount <= 0 || batch.lastOffsetDelta !== batch.recordCount - 1)
    throw refusal(
      'INVALID_RECORD',
      `record count ${batch.recordCount} disagrees with last offset delta ${batch.lastOffsetDelta}`,
    );
  if (batch.isControl) throw refusal('INVALID_RECORD', 'control batches are written by the broker only');
  if (batch.codec === undefined)
    throw refusal('INVALID_RECORD', `attributes ${batch.attributes} name no compression codec`);
  if (origin === 'client' && batch.producerId >= 0n && batch.baseSequence < 0)
    throw refusal('INVALID_RECORD', 'an idempotent batch needs a base sequence');
}

const noTimestamp = -1n;

/** Times are those of the header until it says that some are wrong. */
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
      `a record's time is not one that the topic takes now, ${nowMs}`,
    );
  if (keyless.length > 0)
    throw new InvalidRecords('INVALID_RECORD', wrong, 'a compacted topic takes no record without a key');
}

/** A producer that gives the time of the append itself is mistaken, but passes where the topic keeps the producers' times. */
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
      throw refusal('INVALID_RECORD', `records disagree with their batch: ${error.message}`);
    throw error;
  }
}

const refusal = (name: ErrorName, message: string) => new ProtocolError(name, message);
