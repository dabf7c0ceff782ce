import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The titles of the tests that write a page. */
const pages = 'is what the contracts|shows the diagram';

/**
 * Lets the tests write what they compare, as `npm run reference` does: the golden histories of new versions
 * of the service's sagas, their diagrams and the page of messages. Throws with their output if they fail.
 */
export function writeReference(root: string, service: string): void {
  const app = `apps/${service}`;
  jest(root, app, 'src/golden-histories');
  run(root, {}, 'prettier', '--write', '--log-level', 'warn', `${app}/golden-histories`);
  if (existsSync(join(root, 'test/reference')))
    jest(root, 'test/reference', 'src/messages', 'src/sagas', '--testNamePattern', pages);
}

/** Runs without CI, where a run that leaves out any test of a file fails. */
function jest(root: string, project: string, ...tests: readonly string[]): void {
  run(
    root,
    { MILLRACE_WRITE_REFERENCE: '1', CI: 'false' },
    'node',
    'tools/ci/jest.ts',
    project,
    'jest.config.mjs',
    ...tests,
  );
}

function run(root: string, env: NodeJS.ProcessEnv, command: string, ...args: readonly string[]): void {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: root,
    env: { ...process.env, ...env, PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}` },
    encoding: 'utf8',
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}${stderr}`);
}
