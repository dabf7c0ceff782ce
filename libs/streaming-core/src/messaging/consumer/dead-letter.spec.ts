import { describe, expect, it } from '@jest/globals';
import type { ConsumedRecord } from '../../client/index.ts';
import { bytesOf, messageBytesMax, toProducerRecord } from '../outbox/outbox-row.ts';
import { encodeRecord } from '../../client/producer/record-encoding.ts';
import { TerminalError } from './consumer-error.ts';
import { deadLetter } from './dead-letter.ts';

const record = (fields: Partial<ConsumedRecord> = {}): ConsumedRecord => ({
  topic: 'orders',
  partition: 2,
  offset: 41n,
  timestampMs: 0,
  key: Buffer.from('k'),
  value: Buffer.from('{"type":"X"}'),
  headers: new Map([['ce_type', 'X']]),
  ...fields,
});
const letter = (of: ConsumedRecord, error: Error = new TerminalError('no')) =>
  deadLetter(of, error, 5, { id: 'id', group: 'order', nowMs: Date.UTC(2026, 10, 20) });

describe('a dead letter', () => {
  it('M09 is the unchanged record with the reason and its origin', () => {
    const row = letter(record());

    expect(row).toMatchObject({
      id: 'id',
      topic: 'orders.dlq',
      key: 'k',
      payload: '{"type":"X"}',
      source: null,
    });
    expect(row.headers).toMatchObject({
      ce_type: 'X',
      dlq_reason: 'terminal: no',
      dlq_attempts: '5',
      dlq_topic: 'orders',
      dlq_partition: '2',
      dlq_offset: '41',
      dlq_group: 'order',
      dlq_time: '2026-11-20T00:00:00.000Z',
    });
  });

  it.each([
    ['bytes that are not UTF-8', Buffer.from([0xff, 0xfe, 0x00, 0x01])],
    ['a NUL, which PostgreSQL does not store', Buffer.from('a\0b')],
  ])('carries %s as base64', (_, value) => {
    const row = letter(record({ value }));

    expect(row.headers.dlq_value_encoding).toBe('base64');
    expect(Buffer.from(row.payload ?? '', 'base64')).toEqual(value);
  });

  it('has no value or key if the record has none', () => {
    expect(letter(record({ key: null, value: null }))).toMatchObject({ key: null, payload: null });
  });

  it('omits a value that would not fit and reports its size', () => {
    const row = letter(record({ value: Buffer.alloc(1_000_000, 'x') }));

    expect(row.payload).toBeNull();
    expect(row.headers.dlq_value_omitted).toBe('1000000');
    expect(bytesOf(row)).toBeLessThan(messageBytesMax);
  });

  it('omits the largest headers and a large key as well and reports what it omitted', () => {
    const headers = new Map([
      ['ce_type', 'X'.repeat(400_000)],
      ['dlq_old', 'y'.repeat(300_000)],
      ['small', 'kept'],
    ]);
    const row = letter(record({ key: Buffer.alloc(950_000, 'k'), headers }));

    expect(row).toMatchObject({
      key: null,
      payload: '{"type":"X"}',
      headers: { small: 'kept', dlq_key_omitted: '950000' },
    });
    expect(row.headers).not.toHaveProperty('dlq_headers_omitted');
    const larger = letter(record({ headers: new Map([...headers, ['other', 'z'.repeat(300_000)]]) }));
    expect(larger).toMatchObject({
      key: 'k',
      payload: '{"type":"X"}',
      headers: { small: 'kept', dlq_headers_omitted: '1' },
    });
    expect(larger.headers).not.toHaveProperty('ce_type');
    for (const each of [row, larger]) expect(bytesOf(each)).toBeLessThanOrEqual(messageBytesMax);
  });

  it('is accepted by a producer even with tens of thousands of headers', () => {
    const headers = new Map(Array.from({ length: 80_000 }, (_, index) => [`h${index}`, 'v'.repeat(5)]));
    const row = letter(record({ headers }));

    expect(encodeRecord(toProducerRecord(row), 0, 0, 1_000_000).sizeBytes).toBeLessThan(1_000_000);
    expect(Number(row.headers.dlq_headers_omitted)).toBeGreaterThan(0);
    expect(row.headers.dlq_reason).toBe('terminal: no');
  });

  it('limits the reason and the stack, includes the cause, and replaces characters that jsonb cannot store', () => {
    const error = new Error(`${'r'.repeat(5_000)}`, { cause: new Error('the cause') });
    error.stack = 'short stack\0\ud83d';
    const { headers } = letter(record({ headers: new Map([['x', 'a\0b']]) }), error);

    expect(headers.dlq_reason?.length).toBeLessThanOrEqual(1_000);
    expect(headers.dlq_stack).toContain('caused by Error: the cause');
    expect(headers.dlq_stack).toContain('short stack\ufffd\ufffd');
    expect(headers.x).toBe('a\ufffdb');
  });
});
