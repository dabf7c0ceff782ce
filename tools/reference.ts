/**
 * `npm run reference [-- PROJECT...]` writes the pages of docs/reference from the declarations in the code and from a
 * running system, the programs of the Helm chart, the golden histories of new versions of sagas, and the suites in
 * docs/GUARANTEES.md from the titles of the tests, by running the tests that compare them: all of them, or those of
 * some projects, such as `test/reference`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { workspace } from './workspace.ts';

const appsWith = (file: string): readonly string[] =>
  readdirSync(join(workspace, 'apps'))
    .map((app) => `apps/${app}`)
    .filter((app) => existsSync(join(workspace, app, file)));

const tests = [
  ['test/architecture', 'jest.config.mjs', 'src/guarantees', 'src/guides'],
  ['libs/service-chassis', 'jest.config.mjs', 'src/ground/config/settings-page'],
  ['libs/service-chassis', 'jest.int.config.mjs', 'src/modules/stream-processing'],
  ['libs/operations', 'jest.config.mjs', 'src/alarms'],
  ...appsWith('src/config.spec.ts').map((app) => [app, 'jest.config.mjs', 'config.spec.ts']),
  ['apps/broker', 'jest.int.config.mjs', 'src/broker-metrics.int.spec.ts'],
  ['apps/connect', 'jest.int.config.mjs', 'src/http.int.spec.ts'],
  ['apps/registry', 'jest.int.config.mjs', 'src/http.int.spec.ts'],
  ['test/e2e', 'jest.config.mjs', 'src/alert-rules.e2e.spec.ts', 'src/reference.e2e.spec.ts'],
  // Reads the page of the settings.
  ['tools', 'jest.config.mjs', 'chart/programs.spec.ts'],
  ...appsWith('src/golden-histories.spec.ts').map((app) => [app, 'jest.config.mjs', 'src/golden-histories']),
  // Reads what the tests before have recorded.
  ['test/reference', 'jest.config.mjs'],
].filter(([folder = '']) => existsSync(join(workspace, folder)));

const wanted = process.argv.slice(2);
const unknown = wanted.find((project) => !tests.some(([folder]) => folder === project));
if (unknown !== undefined) {
  const known = [...new Set(tests.map(([folder]) => folder))].join(', ');
  console.error(`no test of ${unknown} writes a page: give one or more of ${known}`);
  process.exit(2);
}

for (const test of tests) {
  if (wanted.length > 0 && !wanted.includes(test[0] ?? '')) continue;
  const { status } = spawnSync('node', ['tools/ci/jest.ts', ...test], {
    cwd: workspace,
    env: { ...process.env, MILLRACE_WRITE_REFERENCE: '1' },
    stdio: 'inherit',
  });
  if (status !== 0) process.exitCode = 1;
}
const histories = appsWith('golden-histories').map((app) => `${app}/golden-histories`);
if (histories.length > 0)
  spawnSync('prettier', ['--write', '--log-level', 'warn', ...histories], {
    cwd: workspace,
    stdio: 'inherit',
  });
