import { describe, expect, it } from '@jest/globals';
import { createTree } from '@nx/devkit/testing';
import { spellingsOf } from '../source/names.ts';
import { hiddenEventsOf } from './hidden-events.ts';

const stepKeyedBy = (key: string) => ({
  name: 'wrap',
  saga: { id: 'orderId' },
  events: { name: 'giftwrap-events', key },
  participant: { name: spellingsOf('giftwrap') },
});

const treeSelecting = (key: string) => {
  const tree = createTree();
  tree.write('libs/contracts/src/topics.ts', `declared.filter(({ key }) => key === '${key}')`);
  return tree;
};

describe('the events of a step', () => {
  it("are shown if their topic has the saga's id as its key", () => {
    expect(hiddenEventsOf(treeSelecting('orderId'), stepKeyedBy('orderId'))).toBeUndefined();
  });

  it('are not shown under another key, and the remedy is told', () => {
    const hidden = hiddenEventsOf(treeSelecting('orderId'), stepKeyedBy('giftwrapId'));
    expect(hidden).toMatch(/^The key of giftwrap-events is giftwrapId and not orderId, .*wrap/);
    expect(hidden).toContain('"npm run new -- service giftwrap --key orderId"');
  });

  it("need no key of a saga's if no topics are selected by it", () => {
    expect(
      hiddenEventsOf(treeSelecting('orderId'), { ...stepKeyedBy('billId'), saga: { id: 'hireId' } }),
    ).toBe(undefined);
  });
});
