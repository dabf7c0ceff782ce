import { describe, expect, it } from '@jest/globals';
import { fc } from '@millrace/testing/random';
import { integerBytes, parseDecimal, rescale, withoutTrailingZeros } from './numeric.ts';
import {
  daysFromCivil,
  formatInstant,
  formatInterval,
  formatZonedTime,
  microsecondsOf,
  parseInterval,
} from './temporal.ts';
import { parseArray } from './text-array.ts';

describe('numbers', () => {
  it.each([
    [0n, [0]],
    [127n, [127]],
    [128n, [0, 128]],
    [-1n, [255]],
    [-128n, [128]],
    [-129n, [255, 127]],
    [1_230n, [4, 206]],
  ])("write %s in two's complement with as few bytes as Java", (value, bytes) => {
    expect([...integerBytes(value)]).toEqual(bytes);
  });

  it('keep every digit', () => {
    expect(parseDecimal('-0.001')).toEqual({ unscaled: -1n, scale: 3 });
    expect(rescale(parseDecimal('12.3'), 2)).toBe(1_230n);
    expect(['1.50', '10.00', '100', '0.0'].map(withoutTrailingZeros)).toEqual(['1.5', '10', '100', '0']);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 200 }), fc.bigInt({ min: -3n, max: 3n }), (power, more) => {
        const value = (more < 0n ? -1n : 1n) * 2n ** BigInt(power) + more;
        const bytes = integerBytes(value);
        expect(BigInt.asIntN(bytes.length * 8, BigInt(`0x${bytes.toString('hex')}`))).toBe(value);
        expect(BigInt.asIntN(bytes.length * 8 - 8, value)).not.toBe(bytes.length === 1 ? undefined : value);
      }),
    );
    expect(() => parseDecimal('NaN')).toThrow('decimal.handling.mode');
  });
});

describe('dates and times', () => {
  it('agree with those of JavaScript', () => {
    fc.assert(
      fc.property(
        fc.date({
          min: new Date('0001-01-01T00:00:00Z'),
          max: new Date('9999-12-31T12:00:00Z'),
          noInvalidDate: true,
        }),
        (date) => {
          const iso = date.toISOString();
          expect(microsecondsOf(`${iso.slice(0, 10)} ${iso.slice(11, -1)}+00`)).toBe(
            BigInt(date.getTime()) * 1_000n,
          );
          expect(formatInstant(`${iso.slice(0, 10)} ${iso.slice(11, -1)}+00`, 3)).toBe(iso);
          const minutesLater = new Date(date.getTime() + 90_000).toISOString();
          const offset = `${minutesLater.slice(0, 10)} ${minutesLater.slice(11, -1)}+00:01:30`;
          expect(formatInstant(offset, 3)).toBe(iso);
        },
      ),
    );
    expect(daysFromCivil(1970, 1, 1)).toBe(0);
  });

  it('have offsets, and years before Christ', () => {
    expect(formatInstant('2024-02-29 12:34:56.5+05:30', 6)).toBe('2024-02-29T07:04:56.500000Z');
    expect(formatInstant('0044-03-15 01:02:03+00 BC', 0)).toBe('-0043-03-15T01:02:03Z');
    expect(formatZonedTime('23:59:59.999999-12')).toBe('11:59:59.999999Z');
    expect(formatZonedTime('10:00:00+00')).toBe('10:00:00Z');
  });

  it('have intervals with signs of their own', () => {
    expect(parseInterval('1 year 2 mons -3 days +04:05:06.7')).toEqual({
      months: 14,
      days: -3,
      microseconds: 14_706_700_000n,
    });
    expect(formatInterval(parseInterval('-1 days +02:03:04'))).toBe('P0Y0M-1DT2H3M4S');
    expect(parseInterval('-00:00:00.5').microseconds).toBe(-500_000n);
  });
});

describe('an array', () => {
  it('has nulls, quotes and empty texts', () => {
    expect(parseArray(String.raw`{a,"b c",NULL,"NULL","q\"x\\",""}`)).toEqual([
      'a',
      'b c',
      null,
      'NULL',
      'q"x\\',
      '',
    ]);
    expect(parseArray('{}')).toEqual([]);
    expect(parseArray('[0:1]={1,2}')).toEqual(['1', '2']);
    expect(() => parseArray('{{1},{2}}')).toThrow('more than one dimension');
  });
});
