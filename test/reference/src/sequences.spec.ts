import { describe, expect, it } from '@jest/globals';
import { sequenceDiagram, type History } from './sequence-diagram.ts';
import { withDiagram } from './with-diagram.ts';
import { filesOf, pageWritten, readText } from './workspace.ts';

const path = 'docs/ARCHITECTURE.md';

/** The headings of ARCHITECTURE with a diagram, each with the history that it shows. */
const shown = {
  'An order that completes': 'an order that completes',
  'An order that is undone': 'a payment that is declined',
  'An order whose carrier does not answer': 'a carrier that does not answer, and a late reply',
};

const service = 'order';

/** The history of this name in the newest file that has one. */
function historyOf(name: string): History {
  const files = filesOf(`apps/${service}/golden-histories/*.json`);
  const histories = files.flatMap((file) => JSON.parse(readText(file)) as readonly History[]);
  const history = histories.findLast((each) => each.name === name);
  if (history === undefined) throw new Error(`apps/${service}/golden-histories has no history "${name}"`);
  return history;
}

describe('the sequence diagrams of ARCHITECTURE', () => {
  it.each(Object.entries(shown))('show what the saga sends and takes: %s', (heading, name) => {
    const wanted = withDiagram(readText(path), {
      path,
      heading,
      diagram: sequenceDiagram(historyOf(name), service),
    });
    expect(pageWritten(path, wanted)).toBe(wanted);
  });

  it('draw a timer, a late event and a command without a message', () => {
    const turn = (type: string, message?: string, ...sends: readonly string[]) => ({
      input: { type, ...(message !== undefined && { message: { type: message } }) },
      sends: sends.map((each) => ({ type: each })),
    });
    const turns = [
      turn('start', 'OrderCreated', 'ReserveInventory'),
      turn('timer', undefined, 'ReserveInventory'),
      turn('reply', 'InventoryReserved', 'CompleteOrder'),
      turn('cancel'),
    ];
    expect(sequenceDiagram({ name: '', turns, ends: 'running' }, 'order').split('\n')).toEqual([
      'sequenceDiagram',
      '  participant order',
      '  participant inventory',
      '  order-->>order: OrderCreated',
      '  order->>inventory: ReserveInventory',
      '  Note over order: no reply in time',
      '  order->>inventory: ReserveInventory',
      '  inventory-->>order: InventoryReserved',
      '  order->>order: CompleteOrder, decided without a message',
      '  Note over order: cancel',
      '  Note over order: the saga is running',
      '',
    ]);
  });
});
