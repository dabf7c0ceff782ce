import { expect, it } from '@jest/globals';
import { parseAvro } from './parse-avro.ts';
import { readable } from './readable.ts';

/** A record whose record `ns.A` stands first in a union and then in an array. */
const schemaWith = (fieldsOfA: readonly object[]) =>
  parseAvro(
    JSON.stringify({
      type: 'record',
      name: 'R',
      fields: [
        { name: 'a', type: [{ type: 'record', name: 'ns.A', fields: fieldsOfA }] },
        { name: 'c', type: { type: 'array', items: 'ns.A' } },
      ],
    }),
  ).schema;

it('in a type that a union compares first, places begin at its branch, as in Avro Java', () => {
  const kept = { name: 'kept', type: 'int' };
  const found = readable(schemaWith([kept, { name: 'added', type: 'int' }]), schemaWith([kept]));
  expect(found.map(({ type, location }) => `${type} ${location}`)).toEqual([
    'MISSING_UNION_BRANCH /fields/0/type/0',
    'READER_FIELD_MISSING_DEFAULT_VALUE /fields/1',
  ]);
});
