import { describe, expect, it } from '@jest/globals';
import { ClientError } from '../errors/client-error.ts';
import { encodeRecord, ownedRecord } from './record-encoding.ts';
import type { ProducerRecord } from '../producer-types.ts';

const valid: ProducerRecord = { topic: 'orders', key: 'user_123', value: '{"order_id":456}' };
const recordBytesMax = 1_000;

const refusalOf = (record: unknown): ClientError => {
  try {
    encodeRecord(record as ProducerRecord, 7, 0, recordBytesMax);
  } catch (error) {
    if (error instanceof ClientError) return error;
    throw error;
  }
  throw new Error('the record was accepted');
};

describe('encoding a record', () => {
  it.each([
    ['null instead of a record', null, 'not an object'],
    ['a record without a topic', { ...valid, topic: undefined }, 'not a valid name'],
    ['a topic with a slash', { ...valid, topic: 'a/b' }, 'not a valid name'],
    ['a topic of 250 letters', { ...valid, topic: 'a'.repeat(250) }, 'not a valid name'],
    ['a number as key', { ...valid, key: 5 }, 'key has type number'],
    ['a missing key', { ...valid, key: undefined }, 'key has type undefined'],
    ['half a surrogate pair in the key', { ...valid, key: 'a\ud800' }, 'surrogate'],
    ['an object as value', { ...valid, value: { a: 1 } }, 'value has type object'],
    ['a number as header', { ...valid, headers: { ce_id: 5 } }, 'header ce_id has type number'],
    ['null as header', { ...valid, headers: { ce_id: null } }, 'header ce_id is null'],
    ['headers that are text', { ...valid, headers: 'ce_id' }, 'headers are neither an object nor a list'],
    ['a header without a value', { ...valid, headers: [['ce_id']] }, 'header 0 is not a pair'],
    ['half a surrogate pair in a header name', { ...valid, headers: [['a\ud800', '']] }, 'surrogate'],
    ['a negative partition', { ...valid, partition: -1 }, 'partition is not a whole number'],
    ['a fractional partition', { ...valid, partition: 0.5 }, 'partition is not a whole number'],
    [
      'a time that is not a number',
      { ...valid, timestampMs: Number.NaN },
      'timestampMs is not a whole number',
    ],
  ])('rejects %s', (_name, record, reason) => {
    const refusal = refusalOf(record);

    expect(refusal.code).toBe('record_invalid');
    expect(refusal.message).toContain('record 7');
    expect(refusal.message).toContain(reason);
  });

  it('rejects a record whose key, value and headers exceed the limit', () => {
    expect(refusalOf({ ...valid, value: 'x'.repeat(1_000) }).code).toBe('record_too_large');
    expect(refusalOf({ ...valid, key: 'x'.repeat(1_000) }).code).toBe('record_too_large');
    expect(refusalOf({ ...valid, headers: { a: 'x'.repeat(1_000) } }).code).toBe('record_too_large');
    expect(refusalOf({ ...valid, value: 'é'.repeat(500) }).code).toBe('record_too_large');
  });

  it('takes bytes for text anywhere, and copies them for a record that has to wait', () => {
    const bytes = Uint8Array.of(0xff, 0x00, 0x80);
    const record = { ...valid, key: bytes, value: bytes, headers: { trace: bytes } };
    const { key, value, headers } = ownedRecord(encodeRecord(record, 0, 0, recordBytesMax));
    bytes.fill(1);

    const copied = Buffer.from([0xff, 0x00, 0x80]);
    expect(key).toEqual(copied);
    expect(value).toEqual(copied);
    expect(headers).toEqual([[Buffer.from('trace'), copied]]);
  });

  it('keeps the order of headers in a list, and repeated names', () => {
    const headers = [
      ['via', 'a'],
      ['id', '1'],
      ['via', 'b'],
    ] as const;

    const encoded = encodeRecord({ ...valid, headers }, 0, 0, recordBytesMax);

    expect(encoded.headers.map((pair) => pair.map(String))).toEqual(headers);
  });

  it('keeps a header whose value is null in a list apart from one whose value is empty', () => {
    const headers = [
      ['none', null],
      ['empty', ''],
    ] as const;

    const encoded = encodeRecord({ ...valid, headers }, 0, 0, recordBytesMax);

    expect(encoded.headers).toEqual([
      [Buffer.from('none'), null],
      [Buffer.from('empty'), Buffer.alloc(0)],
    ]);
  });

  it('distinguishes null from empty text and uses the current time by default', () => {
    const tombstone = encodeRecord({ topic: 'orders', key: '', value: null }, 0, 1_234, recordBytesMax);

    expect(tombstone.key).toEqual(Buffer.alloc(0));
    expect(tombstone.value).toBeNull();
    expect(tombstone.timestampMs).toBe(1_234);
    expect(encodeRecord({ ...valid, timestampMs: 99 }, 0, 1_234, recordBytesMax).timestampMs).toBe(99);
  });
});
