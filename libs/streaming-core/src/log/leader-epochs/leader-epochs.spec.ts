import { describe, expect, it } from '@jest/globals';
import { LeaderEpochs } from './leader-epochs.ts';

/** The expected ends are those of Apache Kafka's leader epoch cache (KIP-279, KIP-320). */
describe('a leader epoch', () => {
  const epochs = () => new LeaderEpochs([{ epoch: 0, startOffset: 0n }, { epoch: 2, startOffset: 5n }, { epoch: 4, startOffset: 9n }]); // prettier-ignore

  it.each([
    [0, { leaderEpoch: 0, endOffset: 5n }],
    [1, { leaderEpoch: 0, endOffset: 5n }],
    [2, { leaderEpoch: 2, endOffset: 9n }],
    [3, { leaderEpoch: 2, endOffset: 9n }],
    [4, { leaderEpoch: 4, endOffset: 12n }],
    [5, { leaderEpoch: 4, endOffset: 12n }],
    [6, { leaderEpoch: 6, endOffset: 12n }],
    [7, { leaderEpoch: -1, endOffset: -1n }],
    [-1, { leaderEpoch: -1, endOffset: -1n }],
    [-2, { leaderEpoch: -2, endOffset: 0n }],
  ])(
    'ends where it ends in Apache Kafka: epoch %d of a log up to 12, under a leader of epoch 6 without records',
    (asked, end) => {
      expect(epochs().endOf(asked, 6, 12n)).toEqual(end);
    },
  );

  it('ends at the start of the first known one if it is older than all of them', () => {
    const later = new LeaderEpochs([{ epoch: 3, startOffset: 7n }]);
    expect(later.endOf(1, 3, 9n)).toEqual({ leaderEpoch: 1, endOffset: 7n });
    expect(new LeaderEpochs([]).endOf(1, 2, 9n)).toEqual({ leaderEpoch: 1, endOffset: 9n });
  });

  it('begins with its first record, and is replaced by the next one if it has none', () => {
    const counted = epochs();
    counted.begin(6, 12n, () => undefined);
    counted.begin(6, 13n, () => undefined);
    expect(counted.starts.at(-1)).toEqual({ epoch: 6, startOffset: 12n });
    counted.begin(8, 12n, () => undefined);
    expect(counted.starts.slice(-2)).toEqual([{ epoch: 4, startOffset: 9n }, { epoch: 8, startOffset: 12n }]); // prettier-ignore
    expect(counted.epochAt(4n)).toEqual(0);
    expect(counted.epochAt(5n)).toEqual(2);
    expect(counted.epochAt(100n)).toEqual(8);
  });

  it.each([
    [0n, '0@0 2@5 4@9', 0],
    [4n, '0@4 2@5 4@9', 1],
    [5n, '2@5 4@9', 1],
    [8n, '2@8 4@9', 1],
    [12n, '4@12', 1],
  ])('begins no earlier than the log, as in Apache Kafka: log start %d', (start, left, saves) => {
    const counted = epochs();
    let saved = 0;
    for (let time = 0; time < 2; time += 1) counted.beginAt(start, () => (saved += 1));
    expect(counted.starts.map(({ epoch, startOffset }) => `${epoch}@${startOffset}`).join(' ')).toBe(left);
    expect(saved).toBe(saves);
  });

  it('does not begin if it cannot be saved', () => {
    const counted = epochs();
    const fail = () => {
      throw new Error('disk');
    };
    expect(() => counted.begin(6, 12n, fail)).toThrow('disk');
    expect(counted.latest).toBe(4);
  });
});
