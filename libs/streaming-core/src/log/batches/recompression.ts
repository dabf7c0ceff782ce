import { ProtocolError } from '../../protocol/errors.ts';
import { packSync } from '../../records/block-codecs.ts';
import { batchHeaderBytes, batchPrefixBytes, codecNumber, RecordBatch } from '../../records/record-batch.ts';
import { unpackedRecords } from '../../records/record-block.ts';
import type { TopicSettings } from '../topics/topic-settings.ts';

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
