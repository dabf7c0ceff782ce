import { describe, expect, it } from '@jest/globals';
import { formatTraceparent, parseTraceparent, traceContextOf } from './trace-context.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';
const traceparent = `00-${traceId}-${spanId}-01`;

describe('a traceparent', () => {
  it('is parsed and written as W3C Trace Context specifies', () => {
    expect(parseTraceparent(traceparent)).toEqual({ traceId, spanId, flags: 1 });
    expect(formatTraceparent({ traceId, spanId, flags: 1 })).toBe(traceparent);
    expect(formatTraceparent({ traceId, spanId, flags: 0 })).toBe(`00-${traceId}-${spanId}-00`);
  });

  it('of a future version is parsed as far as the current version defines it', () => {
    expect(parseTraceparent(`cc-${traceId}-${spanId}-01-what-comes-later`)).toEqual({
      traceId,
      spanId,
      flags: 1,
    });
    expect(parseTraceparent(`cc-${traceId}-${spanId}-01`)).toEqual({ traceId, spanId, flags: 1 });
  });

  it.each([
    ['absent', undefined],
    ['empty', ''],
    ['of the forbidden version', `ff-${traceId}-${spanId}-01`],
    ['in capitals', traceparent.toUpperCase()],
    ['too short', `00-${traceId.slice(1)}-${spanId}-01`],
    ['followed by more text', `${traceparent}-00`],
    ['without a trace id', `00-${'0'.repeat(32)}-${spanId}-01`],
    ['without a parent id', `00-${traceId}-${'0'.repeat(16)}-01`],
    ['in words', 'not a trace'],
    ['with a line break', `${traceparent}\n`],
  ])('counts as absent: %s', (_, text) => {
    expect(parseTraceparent(text)).toBeUndefined();
    expect(traceContextOf({ traceparent: text, tracestate: 'vendor=1' })).toEqual({});
  });
});

describe('a tracestate', () => {
  it.each([
    ['vendor=1'],
    ['a@b=x y,c=2'],
    ['a=1, b=2 ,,c=3'],
    [Array.from({ length: 32 }, (_, index) => `k${index}=v`).join(',')],
  ])('is passed on unchanged: %s', (tracestate) => {
    expect(traceContextOf({ traceparent, tracestate })).toEqual({ traceparent, tracestate });
  });

  it.each([
    ['empty', ''],
    ['longer than 512 characters', `a=${'1'.repeat(250)},b=${'1'.repeat(250)},c=${'1'.repeat(10)}`],
    ['with more than 32 members', Array.from({ length: 33 }, (_, index) => `k${index}=v`).join(',')],
    ['without pairs', 'vendor'],
    ['with a key in capitals', 'Vendor=1'],
    ['with a line break', 'vendor=1\nx'],
  ])('is dropped, while its traceparent is kept: %s', (_, tracestate) => {
    expect(traceContextOf({ traceparent, tracestate })).toEqual({ traceparent });
  });
});
