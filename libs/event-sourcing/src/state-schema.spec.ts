import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { snapshotBytesMax } from './limits.ts';
import { stateSchema } from './state-schema.ts';

describe('the schema of a state', () => {
  const shelf = z.strictObject({ units: z.number(), lots: z.record(z.string(), z.number()) });
  const schema = stateSchema('shelf', { version: 1, schema: shelf });

  it('restores a state exactly, with its keys in the same order', () => {
    const state = { lots: { z: 1, a: 2, '\u0000\ud800': 3 }, units: 0.1 + 0.2 };
    const restored = schema.fromJson(JSON.parse(schema.toJson(state)));

    expect(restored).toStrictEqual(state);
    expect(JSON.stringify(restored)).toBe(JSON.stringify(state));
  });

  it.each([
    ['a number that JSON does not have', { units: NaN, lots: {} }],
    ['negative zero', { units: -0, lots: {} }],
    ['a field that is undefined', { units: 1, lots: {}, note: undefined }],
    ['a field that the schema does not have', { units: 1, lots: {}, note: 'x' }],
    ['a Date', { units: 1, lots: {}, at: new Date() }],
    ['a Map', { units: 1, lots: new Map([['a', 1]]) }],
  ])('rejects a state with %s', (_, state) => {
    expect(() => schema.toJson(state as never)).toThrow(
      expect.objectContaining({ code: 'state_not_storable' }),
    );
  });

  it('rejects a state that is too large, and names the limit', () => {
    const lots = Object.fromEntries(Array.from({ length: 40_000 }, (_, index) => [`lot-${index}`, index]));
    expect(() => schema.toJson({ units: 1, lots })).toThrow(new RegExp(`at most ${snapshotBytesMax}`));
  });

  it('rejects stored JSON that is not a state', () => {
    for (const json of [null, [], { units: 'one', lots: {} }, { units: 1 }, { units: 1, lots: {}, more: 1 }])
      expect(() => schema.fromJson(json)).toThrow(expect.objectContaining({ code: 'snapshot_damaged' }));
  });

  it.each([
    ['bigint', z.bigint()],
    ['Map', z.map(z.string(), z.number())],
    ['Date', z.date()],
  ])('cannot have a %s, and the error names the domain', (_, part) => {
    expect(() => stateSchema('shelf', { version: 1, schema: z.strictObject({ part }) })).toThrow(
      /the state of shelf cannot be written as JSON/,
    );
  });

  it('has a hash that changes with the name, the version and every field', () => {
    const hashes = [
      schema,
      stateSchema('rack', { version: 1, schema: shelf }),
      stateSchema('shelf', { version: 2, schema: shelf }),
      stateSchema('shelf', { version: 1, schema: shelf.extend({ note: z.string().optional() }) }),
    ].map(({ hash }) => hash);

    expect(new Set(hashes).size).toBe(4);
    expect(stateSchema('shelf', { version: 1, schema: shelf }).hash).toBe(schema.hash);
  });
});
