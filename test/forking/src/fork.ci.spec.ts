import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { listedFiles } from './listed-files.ts';
import { patchedFiles, stepPatch } from './step-patch.ts';
import { WorkspaceCopy, workspace, type Ended } from './workspace-copy.ts';

const remedy = 'test/forking/add-a-step.patch no longer applies to the workspace: run `npm run fork-patch`';

const { name: from } = JSON.parse(readFileSync(join(workspace, 'package.json'), 'utf8')) as {
  readonly name: string;
};
const to = from === 'acme' ? 'mill' : 'acme';

/** One copy becomes a fork step by step, because each compiled copy takes a minute. */
describe('a fork', () => {
  let fork: WorkspaceCopy;
  beforeAll(async () => {
    fork = await WorkspaceCopy.make();
    const { code, output } = await fork.run('git', ['apply', stepPatch]);
    if (code !== 0) throw new Error(`${remedy}\n${output}`);
  });
  afterAll(() => fork?.remove());

  describe('F01 with another step in the saga', () => {
    it('changes exactly the files that docs/FORKING.md lists', () => {
      expect(patchedFiles()).toEqual(listedFiles('Add a step to the saga'));
    });

    it('passes the format check', async () => {
      expect(await fork.run('prettier', ['--check', '--log-level', 'warn', ...patchedFiles()])).toEqual(
        succeeded,
      );
    });
  });

  describe('F01 F02 with another step and a name of its own', () => {
    beforeAll(() => fork.rename(to));

    it('passes the compiler, tests included', async () => {
      expect(await fork.run('tsc', ['-b', '--pretty', 'false'])).toEqual(succeeded);
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

    it('starts from its bundles twice on one machine, and its command line finds each system', async () => {
      const own = (setting: string) => `${to.toUpperCase()}_${setting}`;
      const env = { [own('BUNDLE')]: 'on', [own('CACHE')]: join(fork.folder, 'tmp/cache') };
      const start = (basePort: number) =>
        fork.start('npm', ['start', '--silent', '--', '--no-samples', '--base-port', String(basePort)], {
          env,
        });
      const status = (...options: readonly string[]) =>
        fork.run('npm', ['run', '--silent', to, '--', 'status', ...options], { env });
      const healthy = { code: 0, output: expect.stringContaining('notification') };

      const first = start(basePorts.first);
      const systems = [first];
      try {
        await first.prints('Ctrl-C stops everything');
        expect(await status()).toEqual(healthy);

        const second = start(basePorts.second);
        systems.push(second);
        await second.prints('Ctrl-C stops everything');
        expect(await status('--data', `.${to}-${basePorts.first}`)).toEqual(healthy);
        expect(await status('--data', `.${to}-${basePorts.second}`)).toEqual(healthy);
      } finally {
        for (const system of systems) system.interrupt();
      }
      for (const { output } of await Promise.all(systems.map(({ ended }) => ended)))
        expect(output).not.toContain('could not bundle');
    });

    it('can be renamed again', async () => {
      expect(await fork.jest('test/forking', 'src/rename.spec.ts')).toEqual(passed);
    });
  });
});

/** Below the free ports that other suites take, and apart from the ports of a stack by default. */
const basePorts = { first: 11_000, second: 12_000 };
const succeeded: Ended = { code: 0, output: '' };
const passed: Ended = {
  code: 0,
  output: expect.stringMatching(/^Tests: +\d+ passed, \d+ total$/m) as unknown as string,
};
