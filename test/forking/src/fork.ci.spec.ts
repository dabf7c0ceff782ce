import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { passed, succeeded } from './ended.fixture.ts';
import { freeBasePortOfSystem } from './system-ports.ts';
import { WorkspaceCopy, workspace } from './workspace-copy.ts';

/** The patch that adds the step `pack` to the saga by hand, with everything that the shop's tests expect. */
const stepPatch = join(import.meta.dirname, '../add-a-step.patch');

/** The files that the patch changes or creates, also those of a service that was removed. */
const patchedFiles = (): readonly string[] =>
  [...readFileSync(stepPatch, 'utf8').matchAll(/^diff --git a\/(\S+) b\/\1$/gm)]
    .map(([, path = '']) => path)
    .sort();

/** The service whose texts the patch changes; without it the step needs none. */
const mailing = 'apps/notification';
const withoutMails = existsSync(join(workspace, mailing)) ? [] : ['-C1', `--exclude=${mailing}/*`];

const remedy = 'test/forking/add-a-step.patch no longer applies to the workspace: run `npm run fork-patch`';

const { name: from } = JSON.parse(readFileSync(join(workspace, 'package.json'), 'utf8')) as {
  readonly name: string;
};
const to = from === 'acme' ? 'mill' : 'acme';

/**
 * One copy becomes a fork step by step, because each copy takes seconds. `npm run verify -- forking` compiles
 * all projects of a renamed fork.
 */
describe('a fork', () => {
  let fork: WorkspaceCopy;
  beforeAll(async () => {
    fork = await WorkspaceCopy.make();
    const { code, output } = await fork.run('git', ['apply', ...withoutMails, stepPatch]);
    if (code !== 0) throw new Error(`${remedy}\n${output}`);
  });
  afterAll(() => fork?.remove());

  describe('F01 with another step in the saga', () => {
    it('passes the format check', async () => {
      const files = patchedFiles().filter((path) => existsSync(join(fork.folder, path)));
      expect(await fork.run('prettier', ['--check', '--log-level', 'warn', ...files])).toEqual(succeeded);
    });
  });

  describe('F01 F02 with another step and a name of its own', () => {
    beforeAll(async () => {
      await fork.rename(to);
      fork.startFromBundles();
    });

    it('passes the compiler in its services and the simulation, tests included', async () => {
      const services = ['apps/order', 'apps/inventory'].flatMap((app) => [app, `${app}/tsconfig.spec.json`]);
      expect(await fork.compile(...services, 'test/simulation')).toEqual(succeeded);
    });

    it('passes the unit tests of the new step and the saga, and is simulated', async () => {
      expect(await fork.jest('apps/inventory', 'src/domain/parcel.spec.ts')).toEqual(passed);
      const ofSaga = ['src/fulfillment/fulfillment.saga.spec.ts', 'src/golden-histories.spec.ts'];
      expect(await fork.jest('apps/order', ...ofSaga)).toEqual(passed);
      expect(await fork.jest('test/reference', 'src/sagas.spec.ts')).toEqual(passed);
      const simulation = ['run', '--silent', 'verify', '--', 'simulation', '--seeds', '100'];
      expect(await fork.run('npm', simulation)).toMatchObject({ code: 0 });
    });

    it('completes orders through the new step and compensates those that it rejects', async () => {
      expect(await fork.jest('test/e2e', 'src/packed.e2e.spec.ts')).toEqual(passed);
    });

    it('starts from its bundles twice on one machine, and its command line finds each system', async () => {
      const firstPort = await freeBasePortOfSystem();
      const start = (basePort: number) =>
        fork.start('npm', ['start', '--silent', '--', '--no-samples', '--base-port', String(basePort)]);
      const status = (...options: readonly string[]) =>
        fork.run('npm', ['run', '--silent', to, '--', 'status', ...options]);
      const healthy = { code: 0, output: expect.stringContaining('inventory') };

      const first = start(firstPort);
      const systems = [first];
      try {
        await first.prints('Ctrl-C stops everything');
        expect(await status()).toEqual(healthy);

        const secondPort = await freeBasePortOfSystem();
        const second = start(secondPort);
        systems.push(second);
        await second.prints('Ctrl-C stops everything');
        expect(await status('--data', `.${to}-${firstPort}`)).toEqual(healthy);
        expect(await status('--data', `.${to}-${secondPort}`)).toEqual(healthy);
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
