import { describe, expect, it } from '@jest/globals';
import { checkProducedBatch } from './produced-batch.ts';
import { RecordBatch } from './record-batch.ts';
import { encodeBatch } from './record-batch-encoder.ts';
import { topicSettings } from './topic-settings.ts';

const nowMs = 1_700_000_000_000;
const good = () =>
  encodeBatch([{ value: Buffer.from('a') }, { key: Buffer.from('k'), value: Buffer.from('b') }], { timestampMs: BigInt(nowMs) });

function changed(change: (bytes: Buffer) => void): Buffer {
  const bytes = good();
  change(bytes);
  bytes.writeUInt32BE(new RecordBatch(bytes).computeCrc(), 17);
  return bytes;
}

const check = (bytes: Buffer, configs: Record<string, string> = {}) =>
  checkProducedBatch(bytes, topicSettings(new Map(Object.entries(configs))), nowMs);

const refusals = (
  [
    ['nothing at all', 'INVALID_RECORD', () => Buffer.alloc(0)],
    ['an older magic', 'INVALID_RECORD', () => changed((bytes) => bytes.writeInt8(1, 16))],
    ['two batches', 'INVALID_RECORD', () => Buffer.concat([good(), good()])],
    ['a cut batch', 'CORRUPT_MESSAGE', () => good().subarray(0, -1)],
    ['a negative length', 'CORRUPT_MESSAGE', () => damagedBy((bytes) => bytes.writeInt32BE(-5, 8))],
    ['a flipped bit', 'CORRUPT_MESSAGE', () => damagedBy((bytes) => (bytes[70]! ^= 1))],
    ['a count that disagrees', 'INVALID_RECORD', () => changed((bytes) => bytes.writeInt32BE(3, 57))],
    ['no records', 'INVALID_RECORD', () => changed((bytes) => [bytes.writeInt32BE(0, 57), bytes.writeInt32BE(-1, 23)])],
    ['a control batch', 'INVALID_RECORD', () => changed((bytes) => bytes.writeInt16BE(0x20, 21))],
    ['an unknown codec', 'INVALID_RECORD', () => changed((bytes) => bytes.writeInt16BE(7, 21))],
    ['a transactional batch', 'INVALID_TXN_STATE', () => changed((bytes) => bytes.writeInt16BE(0x10, 21))],
    ['a producer id without sequence', 'INVALID_RECORD', () => changed((bytes) => bytes.writeBigInt64BE(1n, 43))],
    ['more than the topic takes', 'MESSAGE_TOO_LARGE', good, { 'max.message.bytes': '70' }],
    ['more than a segment takes', 'RECORD_LIST_TOO_LARGE', good, { 'segment.bytes': '70' }],
    ['no key on a compacted topic', 'INVALID_RECORD', good, { 'cleanup.policy': 'compact,delete' }],
    ['a time too far back', 'INVALID_TIMESTAMP', () => at(nowMs - 1_001), { 'message.timestamp.before.max.ms': '1000' }],
    ['a time too far ahead', 'INVALID_TIMESTAMP', () => at(nowMs + 1_001), { 'message.timestamp.after.max.ms': '1000' }],
  ] as ReadonlyArray<readonly [string, string, () => Buffer, Record<string, string>?]>
).map(([what, errorName, bytes, configs = {}]) => ({ what, errorName, bytes, configs }));

describe('the check of a produced batch', () => {
  it('takes one whole batch', () => expect(check(good()).recordCount).toBe(2));

  it.each(refusals)('refuses $what with $errorName', ({ errorName, bytes, configs }) => {
    expect(() => check(bytes(), configs)).toThrow(expect.objectContaining({ errorName }));
  });

  it('takes times at the limits, and any time where the broker sets its own', () => {
    const limits = { 'message.timestamp.before.max.ms': '1000', 'message.timestamp.after.max.ms': '1000' };
    check(at(nowMs - 1_000), limits);
    check(at(nowMs + 1_000), limits);
    check(at(0), { ...limits, 'message.timestamp.type': 'LogAppendTime' });
  });
});

/** Without a new checksum. */
function damagedBy(change: (bytes: Buffer) => unknown): Buffer {
  const bytes = good();
  change(bytes);
  return bytes;
}

const at = (timestampMs: number) => encodeBatch([{ value: null }], { timestampMs: BigInt(timestampMs) });
