import { describe, expect, it } from '@jest/globals';
import { commandsWith, repliesWith, type Surroundings } from './flow-expectation.ts';

/** A step that stands between `pay` and a pivot that the service decides by itself. */
const around: Surroundings = {
  step: { command: 'Pack', accepted: 'Packed', rejected: 'NotPacked', undo: 'Unpack', undone: 'Unpacked' },
  previousAccepted: 'Paid',
  previousUndone: 'Refunded',
  previousUndo: 'Refund',
  next: { command: 'Complete', accepted: 'Completed', rejected: 'NotCompleted', isLocal: true },
  commandAfterNext: 'Commit',
  closingCommand: 'Close',
  closingAccepted: 'Closed',
};

const inserted = (items: readonly string[], insertions: ReturnType<typeof commandsWith>): readonly string[] =>
  [...items, ''].flatMap((item, index) => [
    ...insertions.filter(({ before }) => before === index).flatMap((each) => each.items),
    ...(item === '' ? [] : [item]),
  ]);

describe('the story of a saga that gets a step', () => {
  it.each([
    [
      ['Paid', 'Completed', 'Committed'],
      ['Paid', 'Packed', 'Completed', 'Committed'],
    ],
    [
      ['Paid', 'NotCompleted', 'Refunded', 'Closed'],
      ['Paid', 'Packed', 'NotCompleted', 'Unpacked', 'Refunded', 'Closed'],
    ],
    [
      ['NotPaid', 'Closed'],
      ['NotPaid', 'Closed'],
    ],
    [
      ['Paid', 'Packed', 'Completed'],
      ['Paid', 'Packed', 'Completed'],
    ],
  ])('%j becomes %j', (replies, expected) => {
    expect(inserted(replies, repliesWith(replies, around).insertions)).toEqual(expected);
  });

  it('is accepted if the next command is sent, although no reply to it is told', () => {
    const next = { ...around.next, isLocal: false };
    const toShip = {
      ...around,
      next: { ...next, command: 'Ship', accepted: 'Shipped', rejected: 'NotShipped' },
    };
    expect(inserted(['Paid'], repliesWith(['Paid'], toShip, ['Pay', 'Ship']).insertions)).toEqual([
      'Paid',
      'Packed',
    ]);
    expect(repliesWith(['Paid'], toShip, ['Pay']).insertions).toEqual([]);
  });

  it.each([
    [['Pay', 'Commit'], { accepted: true, undone: false }, ['Pay', 'Pack', 'Commit']],
    [['Pay'], { accepted: true, undone: false }, ['Pay', 'Pack']],
    [
      ['Pay', 'Refund', 'Close'],
      { accepted: true, undone: true },
      ['Pay', 'Pack', 'Unpack', 'Refund', 'Close'],
    ],
    [['Pay', 'Close'], { accepted: false, undone: false }, ['Pay', 'Close']],
  ])('with the commands %j, reached as %j, sends %j', (commands, reached, expected) => {
    expect(inserted(commands, commandsWith(commands, around, reached))).toEqual(expected);
  });
});
