import { describe, expect, it } from '@jest/globals';
import { compareContracts } from './compare-contracts.ts';
import { presentSchemas } from './message-schemas.ts';
import { releasedSchemas } from './released.ts';

const text = { type: 'string' };
const message = (properties: object, required: readonly string[] = Object.keys(properties)) => ({
  'order-events OrderCreated': { type: 'object', properties, required, additionalProperties: false },
});
const before = message({ orderId: text, lines: { type: 'array', items: { type: 'string', maxLength: 9 } } });

describe('N47 the messages of this release', () => {
  it('can be read by readers of this release, as the last one wrote them', () => {
    expect(compareContracts(releasedSchemas(), presentSchemas()).refused).toEqual([]);
  });

  it.each([
    [
      'a new required field',
      message({ ...before['order-events OrderCreated'].properties, note: text }),
      'order-events OrderCreated: note: the reader requires note, without a default. Make it optional, and ' +
        'require it once no topic and no running release has messages without it',
    ],
    [
      'a removed field',
      message({ lines: before['order-events OrderCreated'].properties }),
      'order-events OrderCreated: orderId: the reader takes no other properties. Keep it as an optional field ' +
        'until no topic and no running release has it',
    ],
    [
      'a narrower part',
      message({ orderId: text, lines: { type: 'array', items: { type: 'string', maxLength: 8 } } }),
      'order-events OrderCreated: lines[]: the reader has maxLength 8, not 9. Take what was valid before as well, ' +
        'or declare a new message type for the new form',
    ],
    [
      'a removed message',
      {},
      'order-events OrderCreated: is gone, but topics hold it and writers of the last release send it. Keep the ' +
        'type until no topic and no running release has it',
    ],
  ])('are refused for %s, with the field and the remedy', (_what, now, refusal) => {
    expect(compareContracts(before, now).refused).toContain(refusal);
  });

  it('may have a new optional field, which is sent when every reader knows it', () => {
    const properties = { ...before['order-events OrderCreated'].properties, note: text };
    const { refused, readersFirst } = compareContracts(before, message(properties, ['orderId', 'lines']));
    expect(refused).toEqual([]);
    expect(readersFirst).toEqual([
      'order-events OrderCreated: note: readers of the last release refuse what is new here (the reader takes ' +
        'no other properties). Send it only when every reader runs this release',
    ]);
  });
});
