import { describe, expect, it } from '@jest/globals';
import { reasonToRefuse, type ChangelogMeta, type ExpectedState, type StateMeta } from './state-meta.ts';

const DAY_MS = 86_400_000;

const expected: ExpectedState = {
  clusterId: 'here',
  bootId: 'boot-2',
  nowMs: 10 * DAY_MS,
  changelogs: new Map([
    ['counts', { topicId: 'id-1', startOffset: 5n, endOffset: 100n, deleteRetentionMs: DAY_MS }],
  ]),
};

const file = (changed: Partial<StateMeta> = {}, changelog: Partial<ChangelogMeta> = {}): StateMeta => ({
  formatVersion: 2,
  clusterId: 'here',
  bootId: 'boot-2',
  isSynced: false,
  caughtUpAtMs: 10 * DAY_MS - 1,
  changelogs: new Map([['counts', { topicId: 'id-1', nextOffset: 50n, ...changelog }]]),
  ...changed,
});

describe('a state file', () => {
  it.each<[string, StateMeta]>([
    ['fits', file()],
    ['is new', file({ formatVersion: null, clusterId: null, bootId: null })],
    ['was synced before the machine was restarted', file({ bootId: 'boot-1', isSynced: true })],
    ['has no offset for a changelog', file({}, { nextOffset: null })],
    ['knows nothing of a changelog', file({ changelogs: new Map() })],
    ['is at the end of its changelog', file({}, { nextOffset: 100n })],
    ['is as old as tombstones may be', file({ caughtUpAtMs: 9 * DAY_MS })],
    ['is older than tombstones, and has missed no record', file({ caughtUpAtMs: 0 }, { nextOffset: 100n })],
  ])('is used if it %s', (_title, meta) => {
    expect(reasonToRefuse(meta, expected)).toBeNull();
  });

  it.each<[string, StateMeta, string]>([
    ['has another format', file({ formatVersion: 1 }), 'It has format version 1, and this release writes 2.'],
    ['is of another cluster', file({ clusterId: 'there' }), 'It belongs to cluster there, and this is here.'],
    [
      'was not synced before the machine was restarted',
      file({ bootId: 'boot-1' }),
      'The machine was restarted before the file was synced to its disk.',
    ],
    [
      'has a changelog that was recreated',
      file({}, { topicId: 'id-0' }),
      'counts was deleted and created again.',
    ],
    [
      'is ahead of its changelog',
      file({}, { nextOffset: 101n }),
      "counts ends at offset 100, before the file's offset 101.",
    ],
    [
      'is at an offset whose records were deleted',
      file({}, { nextOffset: 4n }),
      "counts begins at offset 5, after the file's offset 4.",
    ],
    [
      'is older than the tombstones that it has missed',
      file({ caughtUpAtMs: 9 * DAY_MS - 1 }),
      'counts may have lost tombstones: the file had all of it 86400001 ms ago, and delete.retention.ms is 86400000.',
    ],
  ])('T07 is refused if it %s', (_title, meta, reason) => {
    expect(reasonToRefuse(meta, expected)).toBe(reason);
  });
});
