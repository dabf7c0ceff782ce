import { expect, it } from '@jest/globals';
import { avroType } from './binary.ts';

it.each([
  ['of strings', 'string', '{"__proto__":"a","constructor":"b"}'],
  [
    'of records',
    { type: 'record', name: 'R', fields: [{ name: 'a', type: 'int' }] },
    '{"__proto__":{"a":1}}',
  ],
])('a map %s keeps every key', (_what, values, text) => {
  const type = avroType(JSON.stringify({ type: 'map', values }));
  const read = type.fromBuffer(type.toBuffer(JSON.parse(text))) as object;
  expect(JSON.stringify(read)).toBe(text);
  expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
});

it('a map is read with the schema of another reader, and from several blocks', () => {
  const writer = avroType('{"type":"map","values":"int"}');
  const reader = avroType('{"type":"map","values":"double"}');
  const resolver = reader.createResolver(writer);
  expect(reader.fromBuffer(writer.toBuffer({ a: 1 }), resolver)).toEqual({ a: 1 });
  const inBlocks = Buffer.from([2, 2, 97, 2, 1, 6, 2, 98, 4, 0]);
  expect(writer.fromBuffer(inBlocks)).toEqual({ a: 1, b: 2 });
});

it('a record with a field that JavaScript cannot read is refused, with the name of the record', () => {
  const schema = { type: 'record', name: 'shop.R', fields: [{ name: '__proto__', type: 'string' }] };
  expect(() => avroType(JSON.stringify(schema))).toThrow('the record shop.R has a field __proto__');
  const inside = { type: 'array', items: schema };
  expect(() => avroType(JSON.stringify(inside))).toThrow('give the field another name');
});
