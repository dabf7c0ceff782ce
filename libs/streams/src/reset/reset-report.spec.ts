import { describe, expect, it } from '@jest/globals';
import { reportOf } from './reset-application.ts';

const reset = {
  offsets: [
    { topic: 'orders', partition: 0, from: 7n, to: 0n },
    { topic: 'orders', partition: 1, from: null, to: 0n },
  ],
  deletedTopics: ['shop-counts-changelog'],
  stateFolder: '/state/shop',
};

describe('the report of a reset', () => {
  it('says what has changed', () => {
    expect(reportOf(reset, false).split('\n')).toEqual([
      'moved orders/0 from 7 to 0',
      'moved orders/1 from no offset to 0',
      'deleted topic shop-counts-changelog',
      'deleted state folder /state/shop',
    ]);
  });

  it('says what would change', () => {
    expect(reportOf(reset, true).split('\n')).toEqual([
      'would move orders/0 from 7 to 0',
      'would move orders/1 from no offset to 0',
      'would delete topic shop-counts-changelog',
      'would delete state folder /state/shop',
    ]);
  });

  it('says so if there is nothing', () => {
    expect(reportOf({ offsets: [], deletedTopics: [], stateFolder: undefined }, false)).toBe(
      'nothing to reset',
    );
  });
});
