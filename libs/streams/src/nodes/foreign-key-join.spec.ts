import { describe, expect, it } from '@jest/globals';
import type { NodeContext } from '../processor/node.ts';
import { serdes } from '../serdes/serdes.ts';
import { valueHash, responseJoinNode } from './foreign-key-join.ts';

/** Opens a join whose left table has this row, and returns its results for responses. */
function joinOf(row: string | null) {
  const forwarded: unknown[] = [];
  const dropped: string[] = [];
  const context: Pick<NodeContext<string, string | null>, 'applicationId' | 'forward' | 'drop'> = {
    applicationId: 'app',
    forward: ({ key, value }) => void forwarded.push([key, value]),
    drop: (reason) => void dropped.push(reason),
  };
  const node = responseJoinNode<string, string, string, string>(
    {
      subscriptionTopic: 'subscriptions',
      valueSerde: serdes.string,
      isLeft: false,
      table: {
        storeNames: [],
        valueGetter: () => () => (row === null ? null : { value: row, timestampMs: 0 }),
      },
      joiner: (value, foreignValue) => `${value}+${foreignValue}`,
    },
    context as NodeContext<string, string | null>,
  );
  const answer = (to: string | null) =>
    node.process({
      key: 'k',
      value: { hash: valueHash(serdes.string, to, ''), foreignValue: 'Ada', primaryPartition: 0 },
      timestampMs: 0,
      headers: [],
    });
  return { answer, forwarded, dropped };
}

describe('the responses of a foreign-key join', () => {
  it('are joined with the row that subscribed', () => {
    const { answer, forwarded, dropped } = joinOf('row');
    answer('row');

    expect(forwarded).toEqual([['k', 'row+Ada']]);
    expect(dropped).toEqual([]);
  });

  it.each([
    ['has changed', 'row', 'former row'],
    ['is gone', null, 'row'],
    ['was not there', 'row', null],
  ])('are dropped if the row %s', (_name, row, asked) => {
    const { answer, forwarded, dropped } = joinOf(row);
    answer(asked);

    expect(forwarded).toEqual([]);
    expect(dropped).toEqual(['skipped']);
  });
});
