import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { passed, succeeded } from './ended.fixture.ts';
import { WorkspaceCopy } from './workspace-copy.ts';

/** Names that no fork is likely to have given to parts of its own. */
const service = 'generated-shop';
const participant = 'generated-bank';
const saga = 'generated-hire';
const readModel = 'generated-board';

const apps = [service, participant].map((name) => `apps/${name}`);

describe('a generated saga with a generated step', () => {
  let fork: WorkspaceCopy;
  const add = (...words: readonly string[]) => fork.run('npm', ['run', '--silent', 'new', '--', ...words]);

  beforeAll(async () => {
    fork = await WorkspaceCopy.make();
    await fork.run('git', ['init', '--quiet']);
    await fork.run('git', ['add', '--all']);
  });
  afterAll(() => fork?.remove());

  it.each([
    [['service', service]],
    [['service', participant]],
    [['saga', saga, '--in', service]],
    [['step', 'pay', '--saga', saga, '--by', participant]],
    [['step', 'check-stock', '--saga', saga, '--before', 'pay', '--unreleased']],
    [['read-model', readModel, '--in', service]],
  ])('is written by npm run new -- %j', async (words) => {
    expect(await add(...words)).toMatchObject({ code: 0, output: expect.stringContaining('\nNext: ') });
  });

  it('has the format of the workspace and passes the linter', async () => {
    const { output } = await fork.run('git', ['ls-files', '--modified', '--others', '--exclude-standard']);
    const files = output.split('\n').filter((path) => path !== '');
    expect(
      await fork.run('prettier', ['--check', '--ignore-unknown', '--log-level', 'warn', ...files]),
    ).toEqual(succeeded);
    expect(await fork.run('eslint', ['--max-warnings', '0', ...apps, 'libs/contracts'])).toEqual(succeeded);
  });

  it('passes the compiler', async () => {
    const projects = apps.map((app) => `${app}/tsconfig.spec.json`);
    expect(await fork.run('tsc', ['-b', '--pretty', 'false', ...projects])).toEqual(succeeded);
  });

  it('passes the unit tests of both services', async () => {
    for (const app of apps) expect(await fork.jest(app)).toEqual(passed);
  });

  it('passes the integration tests of the saga, of the step and of the read model', async () => {
    expect(await fork.jestWith('jest.int.config.mjs', `apps/${service}`)).toEqual(passed);
    expect(
      await fork.jestWith('jest.int.config.mjs', `apps/${participant}`, ['src/paying.int.spec.ts']),
    ).toEqual(passed);
  });

  it('has its diagram and its messages in the reference', async () => {
    expect(await fork.jest('test/reference', 'src/sagas.spec.ts', 'src/messages.spec.ts')).toEqual(passed);
  });
});
