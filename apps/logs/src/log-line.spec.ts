import { describe, expect, it } from '@jest/globals';
import { readLine } from './log-line.ts';

const recordedAtMs = Date.parse('2026-01-02T03:04:05.678Z');
const read = (line: object | string, source?: string) =>
  readLine({ text: typeof line === 'string' ? line : JSON.stringify(line), source, recordedAtMs });

describe('a line of JSON', () => {
  it('is read by the fields that our services write', () => {
    const line = {
      level: 'error',
      time: '2026-01-02T03:04:05.000Z',
      service: 'order',
      correlationId: 'c1',
      orderId: 'o1',
      type: 'OrderCreated',
      err: { type: 'Error', message: 'no route' },
      msg: 'a message failed',
    };
    expect(read(line, 'order-2')).toEqual({
      loggedAtMs: Date.parse('2026-01-02T03:04:05.000Z'),
      level: 'error',
      service: 'order',
      message: 'a message failed: OrderCreated: no route',
      orderId: 'o1',
      correlationId: 'c1',
      line: JSON.stringify(line),
    });
  });

  it('may have the numbers of pino as its level and time', () => {
    expect(read({ level: 40, time: recordedAtMs - 1, msg: 'slow' })).toMatchObject({
      level: 'warn',
      loggedAtMs: recordedAtMs - 1,
    });
  });

  it.each([
    ['no time', {}],
    ['no valid time', { time: 'yesterday' }],
    ['a time before 1970', { time: -1 }],
    ['a time in the future', { time: '2026-01-02T03:10:00.000Z' }],
  ])('with %s was written when it was recorded', (_, fields) => {
    expect(read({ ...fields, msg: 'odd' }).loggedAtMs).toBe(recordedAtMs);
  });

  it('without a message is its own message', () => {
    expect(read('{"a":1}')).toMatchObject({ message: '{"a":1}', level: 'unknown' });
  });

  it('shortens a long message and replaces NUL in its fields, and keeps both in the whole line', () => {
    const { message, line, orderId } = read({ msg: 'x\0'.repeat(9_000), orderId: 'o'.repeat(300) });
    expect(message).toHaveLength(8_000);
    expect(message).toContain('x\uFFFDx');
    expect(orderId).toHaveLength(200);
    expect(line.length).toBeGreaterThan(18_000);
  });
});

describe('a line that is not JSON', () => {
  it.each(['LOG:  checkpoint starting', '{"cut":', '[1]', 'null', '"text"'])(
    'is kept as text: %s',
    (text) => {
      expect(read(text, 'postgres')).toEqual({
        loggedAtMs: recordedAtMs,
        level: 'unknown',
        service: 'postgres',
        message: text,
        orderId: null,
        correlationId: null,
        line: text,
      });
    },
  );

  it('has no NUL, which PostgreSQL could not keep', () => {
    expect(read('a\0b').line).toBe('a\uFFFDb');
  });
});
