import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { passed, succeeded } from './ended.fixture.ts';
import { WorkspaceCopy } from './workspace-copy.ts';

/** Names that no fork is likely to have given to parts of its own. */
const service = 'generated-shop';
const participant = 'generated-bank';
const saga = 'generated-hire';
const readModel = 'generated-board';
const streamApp = 'generated-counts';

const services = [service, participant].map((name) => `apps/${name}`);
const apps = [...services, `apps/${streamApp}`];

/** The steps follow each other in one copy, because a copy and its compilation take seconds. */
describe('what npm run new writes', () => {
  let fork: WorkspaceCopy;
  const add = (...words: readonly string[]) => fork.run('npm', ['run', '--silent', 'new', '--', ...words]);
  /** The files that differ from those of the workspace. */
  const changed = async () => {
    const { output } = await fork.run('git', ['ls-files', '--modified', '--others', '--exclude-standard']);
    return output.split('\n').filter((path) => path !== '');
  };

  beforeAll(async () => {
    fork = await WorkspaceCopy.make();
    await fork.commit();
  });
  afterAll(() => fork?.remove());

  it('is in the stack and in docker-compose.yml, as their tests demand', async () => {
    const { code, output } = await add('service', service, '--entity', 'specimen');
    expect({ code, output }).toMatchObject({ code: 0, output: expect.stringContaining('\nNext: edit ') });
    const files = await changed();
    expect(files).toContain(`apps/${service}/src/domain/specimen.ts`);
    expect(files).toContain('docker-compose.yml');
    expect(await fork.jest('apps/stack', 'src/config.spec.ts')).toEqual(passed);
    expect(await fork.jest('test/containers', 'src/compose-file.spec.ts')).toEqual(passed);
  });

  it('is removed by one command, which leaves every file as it was', async () => {
    const removed = await fork.run('npm', ['run', '--silent', 'remove', '--', 'service', service, '--force']);
    expect(removed).toMatchObject({ code: 0 });
    expect(await changed()).toEqual([]);
  });

  it.each([
    [['service', service]],
    [['service', participant]],
    [['saga', saga, '--in', service]],
    [['stream-app', streamApp, '--of', service]],
    // Writes the reference, as the next one does.
    [['step', 'pay', '--saga', saga, '--by', participant]],
    [['step', 'check-stock', '--saga', saga, '--before', 'pay', '--unreleased']],
    [['read-model', readModel, '--in', service]],
  ])('is written by npm run new -- %j', async (words) => {
    expect(await add(...words)).toMatchObject({ code: 0, output: expect.stringContaining('\nNext: ') });
  });

  it('has the format of the workspace and passes the linter', async () => {
    const files = await changed();
    expect(
      await fork.run('prettier', ['--check', '--ignore-unknown', '--log-level', 'warn', ...files]),
    ).toEqual(succeeded);
    expect(await fork.run('eslint', ['--max-warnings', '0', ...apps, 'libs/contracts'])).toEqual(succeeded);
  });

  it('passes the compiler', async () => {
    const projects = apps.map((app) => `${app}/tsconfig.spec.json`);
    expect(await fork.compile(...projects)).toEqual(succeeded);
  });

  it.each(apps)('passes the unit tests of %s', async (app) => {
    expect(await fork.jest(app)).toEqual(passed);
  });

  it.each(services)('passes the integration tests of %s', async (app) => {
    expect(await fork.jestWith('jest.int.config.mjs', app)).toEqual(passed);
  });

  it('has its diagram and its messages in the reference', async () => {
    expect(await fork.jest('test/reference', 'src/sagas.spec.ts', 'src/messages.spec.ts')).toEqual(passed);
  });
});
