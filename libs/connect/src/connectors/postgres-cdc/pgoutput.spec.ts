import { describe, expect, it } from '@jest/globals';
import { decodeMessage } from './pgoutput.ts';

const int16 = (value: number) => Buffer.from([value >> 8, value & 255]);
const int32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const int64 = (value: bigint) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
};
const text = (value: string) => Buffer.from(`${value}\0`);
const letter = (value: string) => Buffer.from(value);
const column = (value: string) =>
  Buffer.concat([letter('t'), int32(Buffer.byteLength(value)), Buffer.from(value)]);
const tuple = (...columns: readonly Buffer[]) => Buffer.concat([int16(columns.length), ...columns]);
const decode = (...parts: readonly Buffer[]) => decodeMessage(Buffer.concat(parts));

describe('a message of pgoutput', () => {
  it('is decoded with its columns, in which a null is told from a value that was not sent', () => {
    expect(
      decode(letter('I'), int32(7), letter('N'), tuple(column('ä'), letter('n'), letter('u'), column(''))),
    ).toEqual({ kind: 'insert', oid: 7, after: ['ä', null, undefined, ''] });
  });

  it('has the whole old row of an update, or only its key', () => {
    const update = (marker: string) =>
      decode(letter('U'), int32(7), letter(marker), tuple(column('1')), letter('N'), tuple(column('2')));
    expect(update('O')).toMatchObject({ before: { whole: true, columns: ['1'] }, after: ['2'] });
    expect(update('K')).toMatchObject({ before: { whole: false, columns: ['1'] } });
    expect(decode(letter('U'), int32(7), letter('N'), tuple(column('2')))).toEqual({
      kind: 'update',
      oid: 7,
      after: ['2'],
    });
    expect(decode(letter('D'), int32(7), letter('K'), tuple(column('1')))).toMatchObject({
      kind: 'delete',
      before: { whole: false, columns: ['1'] },
    });
  });

  it('begins and ends a transaction with the positions and the time of its commit', () => {
    expect(decode(letter('B'), int64(0x1_0000_0010n), int64(1_000_000n), int32(42))).toEqual({
      kind: 'begin',
      commitLsn: 0x1_0000_0010n,
      committedUs: 946_684_801_000_000n,
      xid: 42,
    });
    expect(decode(letter('C'), Buffer.alloc(1), int64(1n), int64(2n), int64(3n))).toEqual({
      kind: 'commit',
      endLsn: 2n,
    });
  });

  it('describes a relation, lists truncated ones and carries messages', () => {
    expect(
      decode(
        letter('R'),
        int32(7),
        text('public'),
        text('a'),
        letter('d'),
        int16(2),
        Buffer.from([1]),
        text('id'),
        int32(23),
        int32(-1),
        Buffer.from([0]),
        text('price'),
        int32(1700),
        int32(655_366),
      ),
    ).toEqual({
      kind: 'relation',
      relation: {
        oid: 7,
        schema: 'public',
        table: 'a',
        columns: [
          { name: 'id', typeOid: 23, modifier: -1, identifies: true },
          { name: 'price', typeOid: 1700, modifier: 655_366, identifies: false },
        ],
      },
    });
    expect(decode(letter('T'), int32(2), Buffer.alloc(1), int32(7), int32(8))).toEqual({
      kind: 'truncate',
      oids: [7, 8],
    });
    expect(
      decode(letter('M'), Buffer.from([1]), int64(9n), text('note'), int32(2), Buffer.from('hi')),
    ).toEqual({
      kind: 'message',
      transactional: true,
      prefix: 'note',
      content: Buffer.from('hi'),
    });
    expect(decode(letter('O'), int64(1n), text('origin'))).toEqual({ kind: 'other' });
  });

  it('is refused if it ends too early', () => {
    expect(() => decode(letter('I'), int32(7), letter('N'), int16(1), letter('t'), int32(10))).toThrow(
      RangeError,
    );
    expect(() => decode(letter('B'), int64(1n))).toThrow('out of range');
  });
});
