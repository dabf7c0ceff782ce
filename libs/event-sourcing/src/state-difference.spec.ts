import { describe, expect, it } from '@jest/globals';
import { fc } from '@millrace/testing/random';
import { stateDifference, type Difference } from './shown-state.ts';

type Container = Record<string, unknown>;

const nameIn = (pointer: string): string => pointer.replaceAll('~1', '/').replaceAll('~0', '~');

/** An assignment to `__proto__`, which a JSON object may have as a name, would change the prototype. */
const setOwn = (container: Container, name: string, value: unknown): void =>
  void Object.defineProperty(container, name, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  });

/** Changes a state as the differences say. */
function applied(before: unknown, differences: readonly Difference[]): unknown {
  const root = { state: structuredClone(before) } as Container;
  for (const difference of [...differences].reverse()) {
    const names = ['state', ...difference.path.split('/').slice(1).map(nameIn)];
    const last = names.pop()!;
    const container = names.reduce((found, name) => found[name] as Container, root);
    if ('after' in difference) setOwn(container, last, difference.after);
    else if (Array.isArray(container)) container.length -= 1;
    else delete container[last];
  }
  return root.state;
}

describe('the difference of two states', () => {
  it('names the smallest places that differ, as JSON Pointers', () => {
    const before = { status: 'pending', lines: [{ sku: 'lamp', quantity: 2 }, { sku: 'chair' }], 'a/b~': 1 };
    const after = { status: 'pending', lines: [{ sku: 'lamp', quantity: 3 }], 'a/b~': 2, reason: null };

    expect(stateDifference(before, after)).toEqual([
      { path: '/lines/0/quantity', before: 2, after: 3 },
      { path: '/lines/1', before: { sku: 'chair' } },
      { path: '/a~1b~0', before: 1, after: 2 },
      { path: '/reason', after: null },
    ]);
    expect(stateDifference([], {})).toEqual([{ path: '', before: [], after: {} }]);
    expect(stateDifference(before, structuredClone(before))).toEqual([]);
  });

  it('is all that leads from one to the other', () => {
    const state = fc
      .jsonValue({ noUnicodeString: false })
      .map((value) => JSON.parse(JSON.stringify(value)) as unknown);
    fc.assert(
      fc.property(state, state, (before, after) => {
        const differences = stateDifference(before, after);
        expect(applied(before, differences)).toEqual(after);
      }),
      {
        examples: [
          [{}, JSON.parse('{"__proto__":0}') as unknown],
          [JSON.parse('{"__proto__":{"a":1}}') as unknown, JSON.parse('{"__proto__":{"a":2}}') as unknown],
        ],
      },
    );
  });
});
