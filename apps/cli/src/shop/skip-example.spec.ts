import { expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { inventoryEvents } from '@millrace/contracts';
import { isGroup } from '../command/command.ts';
import { commands } from '../commands.ts';

it('the example of sagas skip has a reply that its service takes', () => {
  const sagas = commands.filter(isGroup).find(({ name }) => name === 'sagas');
  const [example = ''] = sagas?.commands.find(({ name }) => name === 'skip')?.examples ?? [];
  const [, result = ''] = /--result '([^']*)'/.exec(example) ?? [];
  const reply: unknown = JSON.parse(result.replace('ORDER', randomUUID()));
  expect(inventoryEvents.ReservationCommitted.schema.safeParse(reply)).toMatchObject({ success: true });
});
