import { describe, expect, it } from '@jest/globals';
import { createTree } from '@nx/devkit/testing';
import { testsToRead } from './tests-to-read.ts';

const texts = {
  'apps/order/src/buy/buy.fixture.ts': `'Paid'`,
  'apps/order/src/buy.int.spec.ts': `says.paid`,
  'test/e2e/src/story.ts': `'Paid', 'Packed', 'Shipped'`,
  'test/e2e/src/trace.spec.ts': `'saga buy Paid'`,
  'test/e2e/src/other.spec.ts': `x\nexpect(type).toBe('Paid')`,
};

function read(patched: readonly string[], unchanged: readonly string[] = []): readonly string[] {
  const tree = createTree();
  for (const [path, text] of Object.entries(texts)) tree.write(path, text);
  const patch = patched.map((path) => `diff --git a/${path} b/${path}\n`).join('');
  if (patch !== '') tree.write('test/forking/add-a-step.patch', patch);
  return testsToRead(tree, {
    saga: { name: 'buy', path: 'apps/order/src/buy/buy.saga.ts' },
    paths: Object.keys(texts),
    accepted: 'Packed',
    previousAccepted: 'Paid',
    next: 'ship',
    mentions: /'Paid'/,
    unchanged: new Set(unchanged),
  });
}

describe('the tests to read after a step was added', () => {
  it('are those that the patch of the sample step changes, and those that name spans', () => {
    expect(read(['apps/order/src/buy/buy.saga.ts', ...Object.keys(texts).slice(0, 3)])).toEqual([
      'apps/order/src/buy.int.spec.ts: test/forking/add-a-step.patch changes it too',
      'test/e2e/src/trace.spec.ts: it names the spans of a trace',
    ]);
  });

  it('are not those whose stories are told without the step', () => {
    const patched = ['apps/order/src/buy/buy.saga.ts', 'apps/order/src/buy.int.spec.ts'];
    const paths = Object.keys(texts);
    expect(read(patched, paths)).toEqual(['test/e2e/src/trace.spec.ts: it names the spans of a trace']);
    expect(read([], paths)).toEqual([]);
  });

  it.each([[[]], [['apps/order/src/other/other.saga.ts']]])(
    'are the lines around the step if the patch has %j',
    (patched) => {
      expect(read(patched)).toEqual([`test/e2e/src/other.spec.ts:2: expect(type).toBe('Paid')`]);
    },
  );
});
