import { describe, expect, it } from '@jest/globals';
import { causationTree, type CausationNode, type CausedEvent } from './causation-tree.ts';
import { messageIdOf } from './publish-events.ts';

interface Recorded extends CausedEvent {
  readonly type: string;
  readonly commandId?: string;
}

const time = '019c0000-0000';
const id = (number: number, at = time) => `${at}-7000-8000-00000000000${number}`;
const messageNames = ['orders Created', 'payments Paid'];
const sentBy = ({ commandId }: Recorded) => (commandId === undefined ? [] : [commandId]);

const shape = (nodes: readonly CausationNode<Recorded>[]): unknown =>
  nodes.map(({ event: { type }, by, caused }) => [type, by, shape(caused)]);

describe('the tree of what a request has caused', () => {
  const created: Recorded = { id: id(1), type: 'Created', causationId: 'request' };
  const sibling: Recorded = { id: id(2), type: 'Noted', causationId: 'request' };
  const started: Recorded = {
    id: id(3),
    type: 'Started',
    causationId: messageIdOf(created.id, { name: 'orders Created', number: 1 }),
    commandId: id(8),
  };
  const paid: Recorded = { id: id(4, '019c0000-0009'), type: 'Paid', causationId: id(8) };
  const answered: Recorded = {
    id: id(5),
    type: 'Answered',
    causationId: messageIdOf(paid.id, { name: 'payments Paid', number: 0 }),
  };

  const again: Recorded = { id: id(6), type: 'Resent', causationId: 'timer', commandId: id(8) };

  it('E28 follows messages to the events that led to them, across services', () => {
    const tree = causationTree([created, sibling, started, paid, answered, again], { messageNames, sentBy });

    expect(shape(tree)).toEqual([
      [
        'Created',
        undefined,
        [['Started', 'orders Created', [['Paid', undefined, [['Answered', 'payments Paid', []]]]]]],
      ],
      ['Noted', undefined, []],
      ['Resent', undefined, []],
    ]);
  });

  it('puts at the top what a service that did not answer has caused', () => {
    expect(shape(causationTree([created, answered], { messageNames, sentBy }))).toEqual([
      ['Created', undefined, []],
      ['Answered', undefined, []],
    ]);
  });
});
