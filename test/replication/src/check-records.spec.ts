import { describe, expect, it } from '@jest/globals';
import {
  checkRecords,
  countRecords,
  type RecordHistory,
  type SentRecord,
  type StoredRecord,
} from './check-records.ts';

const stored = (value: string, offset: number, partition = 0): StoredRecord => ({
  value,
  partition,
  offset: BigInt(offset),
});
const acknowledged = (value: string, offset: number, session = 'p1'): SentRecord => ({
  value,
  session,
  partition: 0,
  outcome: 'acknowledged',
  offset: BigInt(offset),
});
const unknown = (value: string, session = 'p1'): SentRecord => ({
  value,
  session,
  partition: 0,
  outcome: 'unknown',
});
const refused = (value: string): SentRecord => ({ value, session: 'p1', partition: 0, outcome: 'refused' });

const kinds = (history: Partial<RecordHistory>) =>
  checkRecords({ sent: [], read: [], log: [], ...history }).map(({ kind, subject }) => `${kind} ${subject}`);

describe('the checker of a replicated log', () => {
  it('finds nothing wrong in a log that keeps what it acknowledged', () => {
    const history: RecordHistory = {
      sent: [
        acknowledged('a', 0),
        unknown('b'),
        acknowledged('c', 1, 'p2'),
        unknown('d', 'p3'),
        refused('e'),
      ],
      read: [stored('a', 0)],
      log: [stored('a', 0), stored('c', 1), stored('d', 2)],
    };

    expect(checkRecords(history)).toEqual([]);
    expect(countRecords(history)).toEqual({
      acknowledged: 2,
      kept: 2,
      unknown: 2,
      unknownStored: 1,
      refused: 1,
      read: 1,
    });
  });

  it.each<[string, Partial<RecordHistory>, string]>([
    [
      'an acknowledged record that is gone',
      { sent: [acknowledged('a', 0), acknowledged('b', 1)], log: [stored('a', 0)] },
      'lost b',
    ],
    [
      'a record that is stored twice',
      { sent: [acknowledged('a', 0)], log: [stored('a', 0), stored('a', 1)] },
      'twice a',
    ],
    [
      'a record of unknown outcome that is stored twice',
      { sent: [unknown('a')], log: [stored('a', 0), stored('a', 1)] },
      'twice a',
    ],
    [
      'a record at another offset than the acknowledged one',
      { sent: [acknowledged('a', 1), acknowledged('b', 0, 'p2')], log: [stored('a', 0), stored('b', 1)] },
      'moved a',
    ],
    [
      'a record that is stored although it was refused',
      { sent: [refused('a')], log: [stored('a', 0)] },
      'refused_but_stored a',
    ],
    ['a record that nobody sent', { log: [stored('a', 0)] }, 'never_sent a'],
    [
      'records of one session in another order',
      { sent: [unknown('a'), acknowledged('b', 0)], log: [stored('b', 0), stored('a', 1)] },
      'reordered p1 in P0',
    ],
    [
      'a record that a consumer read before it was safe',
      { sent: [unknown('a'), acknowledged('b', 0, 'p2')], read: [stored('a', 0)], log: [stored('b', 0)] },
      'read_and_gone a',
    ],
    [
      'an offset that is missing',
      { sent: [acknowledged('a', 0), acknowledged('b', 2)], log: [stored('a', 0), stored('b', 2)] },
      'hole P0',
    ],
    ['a log that lost its beginning', { sent: [acknowledged('b', 1)], log: [stored('b', 1)] }, 'hole P0'],
  ])('A04 reports %s', (_what, history, expected) => {
    expect(kinds(history)).toContain(expected);
  });

  it('checks the order only within one partition and one session', () => {
    const sent = [unknown('a'), acknowledged('b', 0, 'p1+')];
    expect(kinds({ sent, log: [stored('b', 0), stored('a', 1)] })).toEqual([]);
    const elsewhere: SentRecord = {
      value: 'c',
      session: 'p1',
      partition: 1,
      outcome: 'acknowledged',
      offset: 0n,
    };
    expect(
      kinds({ sent: [acknowledged('a', 0), elsewhere], log: [stored('a', 0), stored('c', 0, 1)] }),
    ).toEqual([]);
  });
});
