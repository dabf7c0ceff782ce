import { describe, expect, it } from '@jest/globals';
import { jsonDifferences } from './json-differences.ts';
import { parseJsonSchema } from './json-schema.ts';

const parsed = (schema: object | boolean) => parseJsonSchema(JSON.stringify(schema), []).schema;
const found = (reader: object | boolean, writer: object | boolean) =>
  jsonDifferences(parsed(reader), parsed(writer)).map(({ type, path }) => `${type} ${path}`);

const closed = (properties: object, required: readonly string[] = []) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});
const text = { type: 'string' };
const number = { type: 'number' };

describe('what a reader of a JSON Schema refuses', () => {
  it.each([
    ['an integer as a number', number, { type: 'integer' }, []],
    ['a number as an integer', { type: 'integer' }, number, ['TYPE_CHANGED #']],
    ['one of two types', text, { type: ['string', 'null'] }, ['TYPE_NARROWED #']],
    ['anything, if it takes all', true, text, []],
    ['anything, if it takes nothing', false, text, ['TYPE_NARROWED #']],
    ['a longer text', { type: 'string', maxLength: 3 }, text, ['MAX_LENGTH_ADDED #/maxLength']],
    ['a smaller number', { minimum: 2 }, { minimum: 1 }, ['MINIMUM_INCREASED #/minimum']],
    ['another pattern', { ...text, pattern: 'a' }, { ...text, pattern: 'b' }, ['PATTERN_CHANGED #/pattern']],
    ['a value that it lacks', { enum: ['a'] }, { enum: ['a', 'b'] }, ['ENUM_ARRAY_NARROWED #']],
    ['a further value that it has', { enum: ['a', 'b'] }, { const: 'a' }, []],
    ['other items', { items: text }, { items: number }, ['TYPE_CHANGED #/items']],
    ['a new property of a closed object', closed({ a: text, b: text }), closed({ a: text }), []],
    [
      'a new required property',
      closed({ a: text }, ['a']),
      closed({}),
      ['REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL #/required/a'],
    ],
    ['a new required property with a default', closed({ a: { default: 'x' } }, ['a']), closed({}), []],
    [
      'a removed property',
      closed({}),
      closed({ a: text }),
      ['PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL #/properties/a'],
    ],
    ['a property that is removed from an open object', { type: 'object' }, closed({ a: text }), []],
    [
      'a new property of an open object',
      { type: 'object', properties: { a: text } },
      { type: 'object' },
      ['PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL #/properties/a'],
    ],
    [
      'other properties, if it becomes closed',
      closed({}),
      { type: 'object' },
      ['ADDITIONAL_PROPERTIES_REMOVED #/additionalProperties'],
    ],
    ['one of several alternatives', { anyOf: [text, number] }, { type: 'integer' }, []],
    ['an alternative that it lacks', text, { oneOf: [text, number] }, ['TYPE_CHANGED #/1']],
  ])('%s', (_what, reader, writer, expected) => {
    expect(found(reader, writer)).toEqual(expected);
  });

  it('follows references, also those that lead back', () => {
    const tree = (leaf: object) => ({
      $defs: { node: closed({ leaf, next: { $ref: '#/$defs/node' } }) },
      $ref: '#/$defs/node',
    });
    expect(found(tree(text), tree(text))).toEqual([]);
    expect(found(tree(text), tree(number))).toEqual(['TYPE_CHANGED #/properties/leaf']);
  });

  it('reads the parts of allOf as one', () => {
    const split = { allOf: [{ properties: { a: text } }, closed({ a: text, b: number })] };
    expect(found(split, closed({ a: text, b: number }))).toEqual([]);
  });
});

describe('a text that is not a JSON Schema', () => {
  it.each([
    ['{"type":"strin"}', '/type must be equal to one of the allowed values'],
    ['{"$ref":"#/$defs/none"}', '/$ref is to #/$defs/none, which is neither here nor among the references'],
    ['"object"', 'the schema must be an object or a boolean'],
  ])('is refused, with the place: %s', (schema, message) => {
    expect(() => parseJsonSchema(schema, [])).toThrow(message);
  });
});
