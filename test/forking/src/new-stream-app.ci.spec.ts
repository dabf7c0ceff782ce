import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freeBasePort } from '@millrace/testing/kafka';
import { until } from '@millrace/testing/within';
import { WorkspaceCopy, workspace, type Ended } from './workspace-copy.ts';

const name = 'orders-per-minute';
const page = readFileSync(join(workspace, 'docs/how-to/stream-application.md'), 'utf8');

/** The blocks of the page that show code, each with the path of the file that the text before it names. */
const shownFiles: ReadonlyArray<readonly [path: string, block: string]> = [
  ...page.matchAll(/`(apps\/[^`\n]+)`[^`]*```ts\n(.*?)^```$/gms),
].map(([, path = '', block = '']) => [path, block]);

/** The steps follow each other, because a copy of the workspace takes seconds. */
describe('a generated stream application', () => {
  let fork: WorkspaceCopy;
  const generator = (script: string) =>
    fork.run('npm', ['run', '--silent', script, '--', 'stream-app', name]);
  /** The files that differ from those of the workspace. */
  const changed = async () => {
    const { output } = await fork.run('git', ['ls-files', '--modified', '--others', '--exclude-standard']);
    return output.split('\n').filter((path) => path !== '');
  };

  beforeAll(async () => {
    fork = await WorkspaceCopy.make();
    await fork.run('git', ['init', '--quiet']);
    await fork.run('git', ['add', '--all']);
  });
  afterAll(() => fork?.remove());

  it('is written and registered by one command, which says what comes next', async () => {
    const { code, output } = await generator('new');
    expect({ code, output }).toMatchObject({
      code: 0,
      output: expect.stringContaining('\nNext: "npx nx run'),
    });
    const files = await changed();
    expect(files).toContain(`apps/${name}/src/topology.ts`);
    expect(files).toContain('docker-compose.yml');
  });

  it('has the files that docs/how-to/stream-application.md shows', () => {
    expect(shownFiles.map(([path]) => path)).toEqual([
      `apps/${name}/src/topology.ts`,
      `apps/${name}/src/topology.spec.ts`,
      'apps/stack/src/stack.ts',
    ]);
    for (const [path, block] of shownFiles)
      expect(readFileSync(join(fork.folder, path), 'utf8')).toContain(block);
  });

  it('has the format of the workspace and passes the linter', async () => {
    const files = await changed();
    expect(
      await fork.run('prettier', ['--check', '--ignore-unknown', '--log-level', 'warn', ...files]),
    ).toEqual(succeeded);
    expect(await fork.run('eslint', ['--max-warnings', '0', `apps/${name}`])).toEqual(succeeded);
  });

  it('passes the compiler', async () => {
    const projects = ['tsconfig.json', 'tsconfig.spec.json'].map((file) => `apps/${name}/${file}`);
    expect(await fork.run('tsc', ['-b', '--pretty', 'false', ...projects])).toEqual(succeeded);
  });

  it('passes its tests, and those of docker-compose.yml', async () => {
    expect(await fork.jest(`apps/${name}`)).toEqual(passed);
    expect(await fork.jestWith('jest.int.config.mjs', `apps/${name}`)).toEqual(passed);
    expect(await fork.jest('test/containers', 'src/compose-file.spec.ts')).toEqual(passed);
  });

  it('counts the sample orders in a running system', async () => {
    const basePort = await freeBasePort([1, 41, 80, 900, 941].flatMap(portsFrom));
    const system = fork.start('npm', [
      'start',
      '--silent',
      '--',
      '--no-console',
      '--with',
      name,
      '--base-port',
      String(basePort),
    ]);
    try {
      await system.prints('Ctrl-C stops everything');
      await until(
        async () => countedIn(await (await fetch(`http://127.0.0.1:${basePort + 41}/counts`)).json()),
        (counted) => counted === sampleOrders,
      );
    } finally {
      system.interrupt();
    }
    expect(await system.ended).toMatchObject({ code: 130 });
  });

  it('is removed by one command, which leaves every file as it was', async () => {
    expect(await generator('remove')).toMatchObject({ code: 0 });
    expect(await changed()).toEqual([]);
  });
});

const sampleOrders = 12;

const portsFrom = (first: number) => Array.from({ length: 7 }, (_, index) => first + index);

function countedIn(answer: unknown): number {
  const { items } = answer as { items: ReadonlyArray<{ completed: number; cancelled: number }> };
  return items.reduce((sum, { completed, cancelled }) => sum + completed + cancelled, 0);
}

const succeeded: Ended = { code: 0, output: '' };
const passed: Ended = {
  code: 0,
  output: expect.stringMatching(/^Tests: +\d+ passed, \d+ total$/m) as unknown as string,
};
