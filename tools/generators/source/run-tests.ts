import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The titles of the tests that write a page. */
const pages = 'is what the contracts|shows the diagram';

/**
 * Lets the tests write what they compare, as `npm run reference` does: the golden histories of new versions
 * of the service's sagas, their diagrams and the page of messages. Prints what they wrote, as Nx prints what
 * a generator wrote. Throws with their output if they fail.
 */
export function writeReference(root: string, service: string): void {
  const app = `apps/${service}`;
  const folders = [`${app}/golden-histories`, 'docs/reference'];
  const before = textsIn(root, folders);
  jest(root, app, 'src/golden-histories');
  run(root, {}, 'prettier', '--write', '--log-level', 'warn', `${app}/golden-histories`);
  if (existsSync(join(root, 'test/reference')))
    jest(root, 'test/reference', 'src/messages', 'src/sagas', '--testNamePattern', pages);
  for (const [path, text] of textsIn(root, folders))
    if (text !== before.get(path)) console.log(`${before.has(path) ? 'UPDATE' : 'CREATE'} ${path}`);
}

const textsIn = (root: string, folders: readonly string[]): ReadonlyMap<string, string> =>
  new Map(
    folders
      .filter((folder) => existsSync(join(root, folder)))
      .flatMap((folder) => readdirSync(join(root, folder)).map((file) => `${folder}/${file}`))
      .map((path) => [path, readFileSync(join(root, path), 'utf8')]),
  );

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
