import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Tree } from '@nx/devkit';
import { participantName, sagaName, serviceName, treeWithSaga } from '../saga/generated-saga.fixture.ts';
import step from './step.ts';

const options = { name: 'pay', saga: sagaName, by: participantName };
const folder = `apps/${serviceName}/src/${sagaName}`;

describe('npm run new -- step', () => {
  let unchanged: Tree;
  beforeAll(async () => {
    unchanged = await treeWithSaga();
  });

  it.each([
    [{ name: 'Pay' }, 'the name of the step "Pay": give 1 to 31 lower-case letters'],
    [{ saga: 'nothing' }, /^--saga "nothing": there is no constant saga\('nothing', .*generated-hire/],
    [{ by: 'nobody' }, /^--by "nobody": there is no such service: give one of .*generated-bank/],
    [
      { before: 'nothing' },
      `--before "nothing": the saga ${sagaName} has no such part: give one of complete`,
    ],
    [{ after: 'complete' }, '--after: a step that can be undone stands before the pivot "complete"'],
    [{ before: 'complete', after: 'complete' }, '--before and --after: give only one of them'],
    [{ name: 'complete' }, `the saga ${sagaName} has a part complete already`],
    [{ field: 'requestedAt' }, '--field "requestedAt": give a number, an amount, a list or a text'],
    [{ undo: 'Unpay' }, '--undo "Unpay": give 1 to 31 lower-case letters'],
    [{ keeps: participantName }, 'exists already: name what the service keeps otherwise, with --keeps'],
  ])('refuses %j', async (wrong, error) => {
    await expect(step(unchanged, { ...options, ...wrong })).rejects.toThrow(error);
  });

  it('refuses messages that exist', async () => {
    const tree = await treeWithSaga();
    await step(tree, options);
    await expect(step(tree, { ...options, name: 'pay-generated-hire' })).rejects.toThrow(
      'has a message PayGeneratedHire already: choose another name for the step',
    );
  });

  it('keeps the version of the sagas that run, and adds the step to the next one', async () => {
    const tree = await treeWithSaga();
    await step(tree, options);
    const kept = tree.read(`${folder}/${sagaName}-version-1.saga.ts`, 'utf8');
    const newest = tree.read(`${folder}/${sagaName}.saga.ts`, 'utf8');
    expect(kept).toContain('version: 1,');
    expect(kept).not.toContain(`.step('pay'`);
    expect(newest).toContain('version: 2,');
    expect(newest).toContain(`.step('pay'`);
    expect(newest).toMatch(/= \[\s*generatedHireSagaOfVersion1,\s*generatedHireSaga,?\s*\];/);
  });

  it('adds the step to the stories of cancelled orders, but not to those of orders that no saga directs', async () => {
    const tree = await treeWithSaga();
    await step(tree, options);
    const path = 'test/e2e/src/generated.e2e.spec.ts';
    const choreographed = `of('choreographed', { before: ['GeneratedHireNotPaid'], undone: [] });`;
    tree.write(
      path,
      `of({ before: ['GeneratedHireNotPaid'], undone: [] });
       of({ before: ['GeneratedHirePaid', 'CardStolen'], undone: ['PayGeneratedHireUndone'] });
       ${choreographed}`,
    );

    await step(tree, { ...options, name: 'check-stock', before: 'pay' });

    const told = tree.read(path, 'utf8')?.replaceAll(/\s+/g, ' ').replaceAll(/, }/g, ' }');
    expect(told).toContain(
      `of({ before: ['StockChecked', 'GeneratedHireNotPaid'], undone: ['CheckStockUndone'] });`,
    );
    expect(told).toContain(
      `of({ before: ['StockChecked', 'GeneratedHirePaid', 'CardStolen'], undone: ['PayGeneratedHireUndone', 'CheckStockUndone'] });`,
    );
    expect(told).toContain(choreographed);
  });

  it('adds the step to the present version if no saga runs with it', async () => {
    const tree = await treeWithSaga();
    await step(tree, { ...options, unreleased: true });
    expect(tree.exists(`${folder}/${sagaName}-version-1.saga.ts`)).toBe(false);
    expect(tree.read(`${folder}/${sagaName}.saga.ts`, 'utf8')).toContain('version: 1,');
  });
});
