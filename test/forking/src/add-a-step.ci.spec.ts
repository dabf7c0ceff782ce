import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { listedFiles } from './listed-files.ts';
import { patchedFiles, stepPatch } from './step-patch.ts';
import { WorkspaceCopy, type Ended } from './workspace-copy.ts';

const remedy = 'test/forking/add-a-step.patch no longer applies to the workspace: run `npm run fork-patch`';

describe('adding a step to the saga', () => {
  let fork: WorkspaceCopy;
  beforeAll(async () => {
    fork = await WorkspaceCopy.make();
    const { code, output } = await fork.run('git', ['apply', stepPatch]);
    if (code !== 0) throw new Error(`${remedy}\n${output}`);
  });
  afterAll(() => fork?.remove());

  it('changes exactly the files that docs/FORKING.md lists', () => {
    expect(patchedFiles()).toEqual(listedFiles('Add a step to the saga'));
  });

  it('passes the compiler and the format check, tests included', async () => {
    const projects = [
      'apps/notification',
      'apps/inventory/tsconfig.spec.json',
      'apps/order/tsconfig.spec.json',
      'test/e2e',
      'test/guides',
      'test/mutants',
    ];
    expect(await fork.run('tsc', ['-b', '--pretty', 'false', ...projects])).toEqual(succeeded);
    expect(await fork.run('prettier', ['--check', '--log-level', 'warn', ...patchedFiles()])).toEqual(
      succeeded,
    );
  });

  it('passes the unit tests of the new step, the saga and the model', async () => {
    expect(await fork.jest('apps/inventory', 'src/domain/parcel.spec.ts')).toEqual(passed);
    expect(await fork.jest('apps/order', 'src/fulfillment/fulfillment.saga.spec.ts')).toEqual(passed);
    expect(await fork.jest('test/mutants', 'src/model/shop.spec.ts')).toEqual(passed);
  });

  it('completes orders through the new step and compensates those that it rejects', async () => {
    expect(
      await fork.jest(
        'test/e2e',
        'src/packed.e2e.spec.ts',
        'src/completed.e2e.spec.ts',
        'src/compensated.e2e.spec.ts',
      ),
    ).toEqual(passed);
  });
});

const succeeded: Ended = { code: 0, output: '' };
const passed: Ended = {
  code: 0,
  output: expect.stringMatching(/^Tests: +\d+ passed, \d+ total$/m) as unknown as string,
};
