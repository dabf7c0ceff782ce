import { describe, expect, it } from '@jest/globals';
import type { CommittedOffset } from '../../client/index.ts';
import { type TakenOffset, offsetNote, refuseOlderDatabase } from './offset-store.ts';

const identity = { clusterId: 'cluster', topicId: 'topic-1', partitions: 1 };
const taken = {
  row: { group: 'clerk', topic: 'orders', partition: 0, identity, epoch: 3n },
  nextOffset: 120n,
  storeId: 'store-1',
};
const committed = {
  topic: 'orders',
  partition: 0,
  offset: 480n,
  metadata: offsetNote('store-1', identity),
};
const end = 500n;

describe('an offset that the group has committed to the broker', () => {
  it('proves that the database is older when it is later than the stored one', () => {
    expect(() => refuseOlderDatabase(taken, committed, end)).toThrow(
      expect.objectContaining({
        code: 'offset_refused',
        message: expect.stringMatching(
          /^group clerk .* orders-0 up to offset 480, but the database is at 120: .* docs\/operations\/backup\.md\. To handle .* again from 120 on: WITH renamed/,
        ),
      }),
    );
  });

  it.each<[string, { found: CommittedOffset | undefined; from?: TakenOffset }]>([
    ['is missing: the group is new, or its offsets have expired', { found: undefined }],
    ['is the stored one', { found: { ...committed, offset: 120n } }],
    ['is behind the stored one', { found: { ...committed, offset: 60n } }],
    ['lies beyond the end of a log that has lost records', { found: { ...committed, offset: 501n } }],
    ['was committed by an older release, without a note', { found: { ...committed, metadata: null } }],
    ['has an empty note, as from a tool', { found: { ...committed, metadata: '' } }],
    ['has a note of another kind', { found: { ...committed, metadata: '{"store":1}' } }],
    [
      'was committed from another database',
      { found: { ...committed, metadata: offsetNote('store-2', identity) } },
    ],
    [
      'was committed before the topic was recreated',
      { found: { ...committed, metadata: offsetNote('store-1', { ...identity, topicId: 'topic-0' }) } },
    ],
    [
      'is later than a row that has just been created',
      { found: committed, from: { ...taken, row: { ...taken.row, epoch: 1n } } },
    ],
  ])('M45 proves nothing when it %s', (_case, { found, from = taken }) => {
    expect(() => refuseOlderDatabase(from, found, end)).not.toThrow();
  });
});
