import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { listedFiles } from './listed-files.ts';
import { patchedFiles, stepPatch } from './step-patch.ts';
import { WorkspaceCopy, type Ended } from './workspace-copy.ts';

const remedy =
  'the workspace has moved on where test/forking/add-a-step.patch changes it: run `npm run fork-patch`';

describe('adding a step to the saga', () => {
  let fork: WorkspaceCopy;
  beforeAll(async () => {
    fork = await WorkspaceCopy.make();
    const { code, output } = await fork.run('git', ['apply', stepPatch]);
    if (code !== 0) throw new Error(`${remedy}\n${output}`);
  });
  afterAll(() => fork?.remove());

  it('touches the files that docs/FORKING.md lists, and no other', () => {
    expect(patchedFiles()).toEqual(listedFiles('Add a step to the saga'));
  });

  it('typechecks and keeps the format, tests included', async () => {
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

  it("passes the new step's unit tests, the saga's, and those of the model", async () => {
    expect(await fork.jest('apps/inventory', 'src/domain/parcel.spec.ts')).toEqual(passed);
    expect(await fork.jest('apps/order', 'src/fulfillment/fulfillment.saga.spec.ts')).toEqual(passed);
    expect(await fork.jest('test/mutants', 'src/model/shop.spec.ts')).toEqual(passed);
  });

  it('completes orders through the new step, and compensates those that it refuses', async () => {
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
