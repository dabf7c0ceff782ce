import { describe, expect, it } from '@jest/globals';
import { array, int32, string, struct } from './schema.ts';
import { WireReader, MalformedRequest } from './wire-reader.ts';
import { WireWriter } from './wire-writer.ts';

const reader = (hex: string) => new WireReader(Buffer.from(hex, 'hex'));
const written = (write: (writer: WireWriter) => void) => {
  const writer = new WireWriter();
  write(writer);
  return writer.toBuffer().toString('hex');
};

describe('a varint', () => {
  it.each([
    [0, '00'],
    [-1, '01'],
    [1, '02'],
    [-2, '03'],
    [63, '7e'],
    [-64, '7f'],
    [64, '8001'],
    [300, 'd804'],
    [-300, 'd704'],
    [2147483647, 'feffffff0f'],
    [-2147483648, 'ffffffff0f'],
  ])('of zigzag %d is %s', (value, hex) => {
    expect(written((writer) => writer.varint(value))).toBe(hex);
    expect(reader(hex).varint()).toBe(value);
  });

  it.each([
    [127, '7f'],
    [128, '8001'],
    [300, 'ac02'],
    [16384, '808001'],
  ])('of unsigned %d is %s', (value, hex) => {
    expect(written((writer) => writer.uvarint(value))).toBe(hex);
    expect(reader(hex).uvarint()).toBe(value);
  });

  it('has at most 5 bytes and 32 bits', () => {
    expect(() => reader('ffffffff7f').uvarint()).toThrow(MalformedRequest);
    expect(() => reader('808080808000').uvarint()).toThrow(MalformedRequest);
  });
});

describe('an announced length', () => {
  it.each([
    ['an array of 2^31 - 1 items', () => reader('7fffffff0000').arrayCount(4)],
    ['a compact array of 2^32 - 2 items', () => reader('ffffffff0f00').compactArrayCount(1)],
    ['a byte field longer than the message', () => reader('7fffffff00').nullableBytes()],
    ['a string longer than the message', () => reader('7fff61').nullableString()],
    [
      'a compact string of more than 32767 bytes',
      () => reader(`818002${'61'.repeat(32768)}`).compactNullableString(),
    ],
    ['a tagged field beyond the message', () => reader('00').within(9, () => 0)],
  ])('is checked before anything is allocated: %s', (_name, read) => {
    expect(read).toThrow(MalformedRequest);
  });

  it('of a string is checked again after the replacement of invalid UTF-8, which turns one byte into three', () => {
    const text = (bytes: number) =>
      reader(`${bytes.toString(16).padStart(4, '0')}${'ff'.repeat(bytes)}`).nullableString();
    expect(text(10_922)).toHaveLength(10_922);
    expect(() => text(10_923)).toThrow(MalformedRequest);
  });

  it('that is negative means null, as in Apache Kafka', () => {
    expect(reader('fffffffe').arrayCount(4)).toBe(-1);
    expect(reader('80000000').nullableBytes()).toBeNull();
    expect(reader('fffe').nullableString()).toBeNull();
  });

  it('counts towards a limit on the array items of the whole message', () => {
    const bodies = struct(
      'Bodies',
      { versions: '0', flexible: '0+' },
      { names: array({ name: string(), count: int32() }) },
    );
    const count = 1_000_001;
    const writer = new WireWriter();
    writer.uvarint(count + 1);
    writer.bytes(Buffer.alloc(count * 6, 1));
    expect(() => bodies.codec(0).read(new WireReader(writer.toBuffer()))).toThrow(
      'more than 1000000 array items',
    );
  });
});

describe('a tag section', () => {
  const empty = struct('Empty', { versions: '0', flexible: '0+' }, { count: int32({ tag: 3 }) });

  it('may contain unknown tags, which are skipped', () => {
    expect(empty.codec(0).read(reader('02 00 02 ffff 03 04 00000007'.replaceAll(' ', '')))).toEqual({
      count: 7,
    });
  });

  it.each([
    ['with tags that do not ascend', '02030400000007030400000007'],
    ['with a tag whose value is shorter than its announced size', '01030500000007 00'.replaceAll(' ', '')],
  ])('%s is rejected', (_name, hex) => {
    expect(() => empty.codec(0).read(reader(hex))).toThrow(MalformedRequest);
  });
});
