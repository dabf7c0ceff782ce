import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { passed, succeeded } from './ended.fixture.ts';
import { WorkspaceCopy } from './workspace-copy.ts';

/** A name that no fork is likely to have given to a service of its own. */
const name = 'generated-sample';

/** The steps follow each other, because a copy of the workspace takes seconds. */
describe('a generated service', () => {
  let fork: WorkspaceCopy;
  const generator = (script: string, ...options: readonly string[]) =>
    fork.run('npm', ['run', '--silent', script, '--', 'service', name, ...options]);
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
    const { code, output } = await generator('new', '--entity', 'specimen');
    expect({ code, output }).toMatchObject({ code: 0, output: expect.stringContaining('\nNext: edit ') });
    const files = await changed();
    expect(files).toContain(`apps/${name}/src/domain/specimen.ts`);
    expect(files).toContain('docker-compose.yml');
  });

  it('has the format of the workspace and passes the linter', async () => {
    const files = await changed();
    expect(
      await fork.run('prettier', ['--check', '--ignore-unknown', '--log-level', 'warn', ...files]),
    ).toEqual(succeeded);
    expect(await fork.run('eslint', ['--max-warnings', '0', `apps/${name}`, 'libs/contracts'])).toEqual(
      succeeded,
    );
  });

  it('passes the compiler', async () => {
    const projects = ['tsconfig.json', 'tsconfig.spec.json'].map((file) => `apps/${name}/${file}`);
    expect(await fork.run('tsc', ['-b', '--pretty', 'false', ...projects])).toEqual(succeeded);
  });

  it('passes its unit tests and its integration tests', async () => {
    expect(await fork.jest(`apps/${name}`)).toEqual(passed);
    expect(await fork.jestWith('jest.int.config.mjs', `apps/${name}`)).toEqual(passed);
  });

  it('is in the stack and in docker-compose.yml, as their tests demand', async () => {
    expect(await fork.jest('apps/stack', 'src/config.spec.ts')).toEqual(passed);
    expect(await fork.jest('test/containers', 'src/compose-file.spec.ts')).toEqual(passed);
  });

  it('is removed by one command, which leaves every file as it was', async () => {
    expect(await generator('remove')).toMatchObject({ code: 0 });
    expect(await changed()).toEqual([]);
  });
});
