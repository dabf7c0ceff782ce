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

  describe('with another step in the saga', () => {
    it('changes exactly the files that docs/FORKING.md lists', () => {
      expect(patchedFiles()).toEqual(listedFiles('Add a step to the saga'));
    });

    it('passes the format check', async () => {
      expect(await fork.run('prettier', ['--check', '--log-level', 'warn', ...patchedFiles()])).toEqual(
        succeeded,
      );
    });
  });

  describe('with another step and a name of its own', () => {
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

    it('starts from its bundles, and its command line reports a healthy system', async () => {
      const own = (setting: string) => `${to.toUpperCase()}_${setting}`;
      const env = {
        ...anyFreePorts,
        [own('BUNDLE')]: 'on',
        [own('CACHE')]: join(fork.folder, 'tmp/cache'),
      };
      const system = fork.start('npm', ['start', '--silent', '--', '--no-samples'], { env });
      try {
        await system.prints('Ctrl-C stops everything');
        expect(await fork.run('npm', ['run', '--silent', to, '--', 'status'], { env })).toEqual({
          code: 0,
          output: expect.stringContaining('order'),
        });
      } finally {
        system.interrupt();
      }
      const { output } = await system.ended;
      expect(output).not.toContain('could not bundle');
    });

    it('can be renamed again', async () => {
      expect(await fork.jest('test/forking', 'src/rename.spec.ts')).toEqual(passed);
    });
  });
});

const anyFreePorts = Object.fromEntries(
  [
    'POSTGRES',
    'KEYS',
    'BROKER',
    'BROKER_HTTP',
    'SMTP',
    'ORDER',
    'INVENTORY',
    'PAYMENT',
    'SHIPPING',
    'NOTIFICATION',
  ].map((part) => [`${part}_PORT`, '0']),
);
const succeeded: Ended = { code: 0, output: '' };
const passed: Ended = {
  code: 0,
  output: expect.stringMatching(/^Tests: +\d+ passed, \d+ total$/m) as unknown as string,
};
