import { describe, expect, it } from '@jest/globals';
import { checkLogHistory, countHistory } from './check-log-history.ts';
import type { LogHistory, Poll, PolledRecord, Send } from './log-history.ts';

const place = { topic: 't', partition: 0 };
const acknowledged = (value: string, offset: number, more: Partial<Send> = {}): Send => ({
  ...place,
  value,
  session: 's',
  outcome: 'acknowledged',
  offset: BigInt(offset),
  ...more,
});
const unknown = (value: string, more: Partial<Send> = {}): Send => ({
  ...place,
  value,
  session: 's',
  outcome: 'unknown',
  ...more,
});
const failed = (value: string, more: Partial<Send> = {}): Send => ({
  ...place,
  value,
  session: 's',
  outcome: 'failed',
  ...more,
});
const record = (value: string, offset: number, partition = 0): PolledRecord => ({
  topic: 't',
  partition,
  value,
  offset: BigInt(offset),
});
const poll = (records: readonly PolledRecord[], consumer = 'c', assignment = 1): Poll => ({
  consumer,
  assignment,
  records,
});

const kinds = (history: LogHistory) => [...new Set(checkLogHistory(history).map(({ kind }) => kind))];

describe('a history without anomalies', () => {
  it('may have records of unknown outcome, rereads after a new assignment, and gaps where nobody saw a record', () => {
    const history: LogHistory = {
      sends: [
        acknowledged('a', 0),
        acknowledged('b', 1),
        unknown('c'),
        unknown('d', { session: 's2' }),
        failed('e', { session: 's3' }),
        acknowledged('f', 4, { session: 's4' }),
      ],
      polls: [
        poll([record('a', 0)]),
        poll([record('b', 1), record('d', 2)]),
        poll([record('b', 1), record('d', 2), record('f', 4)], 'c', 2),
      ],
    };
    expect(checkLogHistory(history)).toEqual([]);
    expect(countHistory(history)).toEqual({
      acknowledged: 3,
      unknown: 2,
      failed: 1,
      polled: 6,
      unknownStored: 1,
    });
  });

  it('may have complete transactions and transactions that left nothing', () => {
    const committed = { transaction: 'tx1' };
    const sends = [
      acknowledged('a', 0, committed),
      acknowledged('b', 1, committed),
      failed('c', { transaction: 'tx2' }),
      unknown('d', { transaction: 'tx3', session: 's2' }),
    ];
    expect(checkLogHistory({ sends, polls: [poll([record('a', 0), record('b', 1)])] })).toEqual([]);
  });

  it('is judged separately for each consumer and partition', () => {
    const sends = [acknowledged('a', 0), acknowledged('b', 1), acknowledged('x', 0, { partition: 1 })];
    const polls = [
      poll([record('a', 0), record('x', 0, 1), record('b', 1)]),
      poll([record('a', 0), record('b', 1)], 'other'),
    ];
    expect(checkLogHistory({ sends, polls })).toEqual([]);
  });
});

describe('L63 the checker reports', () => {
  const both = [acknowledged('a', 0), acknowledged('b', 1)];
  const three = [...both, acknowledged('c', 2)];
  it.each<[string, LogHistory, string]>([
    [
      'an acknowledged record that nobody saw, although later records were seen',
      { sends: three, polls: [poll([record('a', 0), record('c', 2)])] },
      'lost-write',
    ],
    [
      'an acknowledged record at the end that nobody saw',
      { sends: both, polls: [poll([record('a', 0)])] },
      'unseen',
    ],
    [
      'a value at two offsets',
      { sends: [acknowledged('a', 0)], polls: [poll([record('a', 0), record('a', 1)])] },
      'duplicate',
    ],
    [
      'a value of unknown outcome at two offsets',
      { sends: [unknown('a')], polls: [poll([record('a', 0), record('a', 1)])] },
      'duplicate',
    ],
    [
      'a value that was read although its send failed (G1a)',
      { sends: [failed('a')], polls: [poll([record('a', 0)])] },
      'aborted-read',
    ],
    [
      'a value that was read although its transaction was aborted (G1a)',
      { sends: [failed('a', { transaction: 'tx' })], polls: [poll([record('a', 0)])] },
      'aborted-read',
    ],
    [
      'a transaction that is only partly stored',
      {
        sends: [unknown('a', { transaction: 'tx' }), unknown('b', { transaction: 'tx' })],
        polls: [poll([record('a', 0)])],
      },
      'torn-transaction',
    ],
    [
      'two values at one offset',
      {
        sends: [unknown('a'), unknown('b', { session: 'z' })],
        polls: [poll([record('a', 0)]), poll([record('b', 0)], 'd')],
      },
      'inconsistent-offsets',
    ],
    ['a value that nobody sent', { sends: [], polls: [poll([record('a', 0)])] }, 'never-sent'],
    [
      'a record at a different offset than was acknowledged',
      { sends: [acknowledged('a', 3)], polls: [poll([record('a', 0)])] },
      'moved',
    ],
    [
      'a consumer that jumps between polls',
      { sends: three, polls: [poll([record('a', 0)]), poll([record('c', 2)]), poll([record('b', 1)], 'd')] },
      'poll-skip',
    ],
    [
      'a consumer that jumps within a poll',
      { sends: three, polls: [poll([record('a', 0), record('c', 2)]), poll([record('b', 1)], 'd')] },
      'internal-poll-skip',
    ],
    [
      'a consumer that goes back between polls',
      { sends: both, polls: [poll([record('a', 0), record('b', 1)]), poll([record('a', 0)])] },
      'nonmonotonic-poll',
    ],
    [
      'a consumer that goes back within a poll',
      { sends: both, polls: [poll([record('b', 1), record('a', 0)])] },
      'internal-nonmonotonic-poll',
    ],
    [
      'records of a session in a different order',
      {
        sends: [acknowledged('a', 1), acknowledged('b', 0)],
        polls: [poll([record('b', 0), record('a', 1)])],
      },
      'nonmonotonic-send',
    ],
  ])('%s', (_what, history, expected) => {
    expect(kinds(history)).toContain(expected);
  });
});
