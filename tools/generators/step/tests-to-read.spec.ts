import { describe, expect, it } from '@jest/globals';
import { createTree } from '@nx/devkit/testing';
import { testsToRead } from './tests-to-read.ts';

/** A test of each kind, in an app that runs a saga of the steps pay and ship. */
const texts = {
  'apps/order/src/buy/buy.fixture.ts': `'Paid'`,
  'apps/order/src/players.fixture.ts': `
const says = {
  paid: (id: string) => answer(bankEvents.Paid({ id })),
  repaid: (id: string) => answer(bankEvents.Repaid({ id })),
};`,
  'apps/order/src/own-flow.int.spec.ts': `
for (const say of [says.paid, says.shipped]) await say(id);
await says.repaid(id);`,
  'apps/order/src/shared-flow.int.spec.ts': `await completes(id);`,
  'apps/order/src/start.int.spec.ts': `
expect(await saga(id)).toMatchObject({ version: 1, status: 'running' });
expect(await order(id)).toMatchObject({ version: 1 });`,
  'apps/order/src/trips.int.spec.ts': `await awaits(id, 'ship');`,
  'apps/order/src/shown.int.spec.ts': `expect(shown).toEqual([{ name: 'pay' }, { name: 'ship' }, { name: 'end' }]);`,
  'test/e2e/src/story.ts': `export const story = ['Paid', 'Packed', 'Shipped'];`,
  'test/e2e/src/documents.spec.ts': `expect(steps).toEqual(['pay', 'ship', 'end']);`,
  'test/e2e/src/trace.spec.ts': `'saga buy Paid'`,
  'test/e2e/src/other.spec.ts': `x\nexpect(type).toBe('Paid')`,
  'test/e2e/src/sent.spec.ts': `await order.sent('ship');`,
};

const found = [
  'apps/order/src/players.fixture.ts:3: it plays the participants: answer Pack with Packed',
  'apps/order/src/players.fixture.ts:4: it plays the participants: answer Unpack with Unpacked',
  'apps/order/src/own-flow.int.spec.ts:2: it sends the replies one by one: send Packed too, if the saga has asked for pack',
  'apps/order/src/own-flow.int.spec.ts:3: it sends the replies one by one: send Unpacked too, if the saga has asked for pack',
  'apps/order/src/start.int.spec.ts:2: it expects version 1 of the saga',
  'apps/order/src/trips.int.spec.ts:1: it expects ship, before which the saga now does pack',
  'apps/order/src/shown.int.spec.ts:1: it lists the steps in their order: add pack',
  'test/e2e/src/documents.spec.ts:1: it lists the steps in their order: add pack',
];
const spans = 'test/e2e/src/trace.spec.ts: it names the spans of a trace';
const patchOfShop = ['apps/order/src/buy/buy.saga.ts', ...Object.keys(texts)];

function read(patched: readonly string[], unchanged: readonly string[] = []): readonly string[] {
  const tree = createTree();
  for (const [path, text] of Object.entries(texts)) tree.write(path, text);
  const patch = patched.map((path) => `diff --git a/${path} b/${path}\n`).join('');
  if (patch !== '') tree.write('test/forking/add-a-step.patch', patch);
  return testsToRead(tree, {
    saga: { name: 'buy', path: 'apps/order/src/buy/buy.saga.ts', service: 'order' },
    paths: Object.keys(texts),
    step: {
      name: 'pack',
      answers: [
        { command: 'Pack', reply: 'Packed', beside: ['Paid', 'Shipped'] },
        { command: 'Unpack', reply: 'Unpacked', beside: ['Repaid'] },
      ],
      previous: 'pay',
      next: 'ship',
      earlierVersion: 1,
    },
    accepted: 'Packed',
    previousAccepted: 'Paid',
    mentions: /'Paid'/,
    unchanged: new Set(unchanged),
  });
}

describe('the tests to read after a step was added', () => {
  it('are those that the step may make fail, those that name spans and those that its patch of the shop changes', () => {
    const known = ['shared-flow.int.spec.ts', 'other.spec.ts', 'sent.spec.ts'];
    const places = read(patchOfShop);
    expect(places).toEqual(expect.arrayContaining([...found, spans]));
    expect(places.filter((place) => !found.includes(place) && place !== spans)).toEqual(
      known.map((name) =>
        expect.stringMatching(`${name}: it knows the messages of each step: add those of pack`),
      ),
    );
  });

  it('are not those of the patch whose stories are told without the step', () => {
    const places = read(patchOfShop, Object.keys(texts));
    expect(places.toSorted()).toEqual([...found, spans].toSorted());
  });

  it.each([[[]], [['apps/order/src/other/other.saga.ts']]])(
    'are those that the step may make fail and the lines around it if the patch has %j',
    (patched) => {
      const lines = [`test/e2e/src/other.spec.ts:2: expect(type).toBe('Paid')`];
      expect(read(patched).toSorted()).toEqual([...found, ...lines].toSorted());
      expect(read(patched, Object.keys(texts)).toSorted()).toEqual(found.toSorted());
    },
  );
});
