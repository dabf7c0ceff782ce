import { describe, expect, it } from '@jest/globals';
import { formatLsn, parseLsn } from './lsn.ts';
import { endOffset, snapshotOffset, toOffset, toProgress } from './position.ts';

const stream = (lsn: bigint, more: object = {}) => ({
  stage: 'stream',
  position: { lsn, events: 0, ...more },
});

describe('a position in the log', () => {
  it('is written as PostgreSQL writes it', () => {
    for (const lsn of [0n, 0x16b3748n, 0xffff_ffff_ffff_fff8n]) expect(parseLsn(formatLsn(lsn))).toBe(lsn);
    expect(formatLsn(0x1_0000_00afn)).toBe('1/AF');
    expect(() => parseLsn('16B3748')).toThrow('no position');
  });
});

describe('the offset of a capture', () => {
  it('is read back, also in its first form', () => {
    expect(toProgress(undefined)).toEqual({ stage: 'none' });
    expect(toProgress(snapshotOffset)).toEqual({ stage: 'snapshot' });
    expect(toProgress(endOffset)).toEqual({ stage: 'ended' });
    expect(toProgress(toOffset({ lsn: 50n, events: 3 }))).toEqual(stream(50n, { events: 3 }));
    expect(toProgress({ snapshot: true })).toEqual({ stage: 'snapshot' });
    expect(toProgress({ snapshot: 'complete' })).toEqual({ stage: 'ended' });
    expect(toProgress({ lsn: '0/16B3748', events: 3 })).toEqual(stream(0x16b3748n, { events: 3 }));
  });

  const insert = { lsn: 50, lsn_proc: 50, lsn_commit: 40, messageType: 'INSERT', txId: 7, ts_usec: 1 };
  it.each([
    ['in a snapshot', { ...snapshotOffset, lsn: 50 }, { stage: 'snapshot' }],
    ['in a snapshot of Debezium 2', { snapshot: true, lsn: 50 }, { stage: 'snapshot' }],
    ['after a snapshot', { ...endOffset, lsn: 50, txId: 7 }, stream(50n)],
    ['after a snapshot of Debezium 2', { snapshot: true, last_snapshot_record: true, lsn: 50 }, stream(50n)],
    ['within a transaction', insert, stream(40n, { readUpTo: 50n })],
    ['within the first transaction', { ...insert, lsn_commit: undefined }, stream(50n, { readUpTo: 50n })],
    [
      'within a transaction that begins where the one before it ends',
      { ...insert, lsn_commit: 50 },
      stream(50n, { readUpTo: 50n }),
    ],
    ['after a commit', { ...insert, lsn_commit: 50, messageType: 'COMMIT' }, stream(50n)],
    ['at a beginning', { ...insert, messageType: 'BEGIN' }, stream(40n)],
    [
      'after a message outside a transaction',
      { ...insert, lsn_commit: 50, messageType: 'MESSAGE' },
      stream(50n),
    ],
    [
      'after a message of a transaction',
      { ...insert, lsn_proc: 45, messageType: 'MESSAGE' },
      stream(40n, { readUpTo: 45n }),
    ],
    ['of a release without message types', { lsn: 50, lsn_proc: 50, lsn_commit: 50 }, stream(50n)],
    ['with large numbers', { lsn: 2n ** 60n, messageType: 'COMMIT' }, stream(2n ** 60n)],
  ])('is read if Debezium has stopped %s', (_place, offset, progress) => {
    expect(toProgress(offset)).toEqual(progress);
  });

  it('is refused if it is of another connector', () => {
    expect(() => toProgress({ position: 23_876_504 })).toThrow('is not from this connector');
    expect(() => toProgress({ pos: 2n ** 60n })).toThrow('is not from this connector');
  });
});
