import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { linkPackages, packageName, workspace } from '@millrace/testing/link-packages';
import { passed, succeeded } from './ended.fixture.ts';
import { temporaryFolder, WorkspaceCopy } from './workspace-copy.ts';

/** A name that no fork is likely to have given to a service of its own. */
const service = 'generated-loyalty';

const names = { GIT_AUTHOR_NAME: 'test', GIT_COMMITTER_NAME: 'test' };
const addresses = { GIT_AUTHOR_EMAIL: 'test@localhost', GIT_COMMITTER_EMAIL: 'test@localhost' };

/** The steps follow each other in one project. Its own tests run in `npm run verify -- forking`. */
describe('F05 npm run new -- project --empty', () => {
  let source: WorkspaceCopy;
  let project: WorkspaceCopy;

  beforeAll(async () => {
    source = await WorkspaceCopy.make();
    await source.commit();
  });
  afterAll(() => Promise.all([source?.remove(), project?.remove()]));

  it('makes a project with one generated service', async () => {
    const folder = await temporaryFolder('empty');
    project = WorkspaceCopy.at(folder);
    // The name of this workspace: another one would change, and have to format, every file.
    const options = [packageName(workspace), '--empty', service, '--entity', 'specimen', '--in', folder];
    const made = await source.run('npm', ['run', '--silent', 'new', '--', 'project', ...options], {
      env: { ...names, ...addresses },
    });
    expect(made).toEqual({ code: 0, output: expect.stringContaining(`is in ${folder}. Next: `) });
    linkPackages(folder);
  });

  it('compiles, tests included', async () => {
    expect(await project.compile()).toEqual(succeeded);
  });

  it('uses everything that it has, and finds everything that it imports', async () => {
    const { code, output } = await project.run('knip', ['--no-progress', '--no-config-hints']);
    expect({ code, output: output.trim() }).toEqual(succeeded);
  });

  it('names no part of the shop in the lists of the stack and of the containers', () => {
    const gone = readdirSync(join(workspace, 'apps')).filter(
      (app) => !existsSync(join(project.folder, 'apps', app)),
    );
    expect(gone).toEqual(expect.arrayContaining(['order', 'inventory', 'payment', 'shipping']));
    const named = new RegExp(`^(?! *#).*(\\b(${gone.join('|')}):|\\b300[1-5]\\b)`, 'm');
    for (const file of ['apps/stack/src/stack.ts', 'docker-compose.yml', 'deploy/prometheus/prometheus.yml'])
      expect(readFileSync(join(project.folder, file), 'utf8')).not.toMatch(named);
  });

  it('names no part of the shop on its pages', () => {
    const named =
      /`[^`\n]*\b(order(?! by)s?|inventory|payments?|shipping|notification|fulfillment)\b[^`\n]*`|\b(fulfillment|choreograph\w*|sample orders?|order service|all orders|unknown_product|page_views|fraud-\w+|card-\w+)\b/gi;
    const lines = pagesOf(project.folder).flatMap(({ path, text }) =>
      [...text.matchAll(named)].map(([words]) => `${path}: ${words}`),
    );
    expect(lines).toEqual([]);
  });

  it('names no service of the shop in the help of npm start', async () => {
    const { code, output } = await project.run('node', ['tools/run.mjs', 'apps/stack/src/main.ts', '--help']);
    expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining(`--replicas ${service}=2`) });
    expect(output).not.toMatch(/\b(order(?! by)|inventory)\b/i);
  });

  it('names no service of the shop in the help of its command line', () => {
    const commands = readdirSync(join(project.folder, 'apps/cli/src'), { recursive: true, encoding: 'utf8' });
    const services = 'order(?=[ _-])(?! of)|inventory|payment|shipping|notification';
    const named = new RegExp(
      String.raw`^.*['\`].*\b(${services}|ORDER(?! BY)|OrderCreated|ReservationCommitted|stock)\b.*$`,
      'gm',
    );
    const texts = commands
      .filter((path) => /(?<!\.(spec|fixture))\.ts$/.test(path))
      .flatMap((path) => readFileSync(join(project.folder, 'apps/cli/src', path), 'utf8').match(named) ?? []);
    expect(texts).toEqual([]);
  });

  it('has no dead link, names no command or file that it lacks, and obeys the rules of imports', async () => {
    const rules = ['commands', 'documents', 'imports', 'named-files', 'packages'];
    const files = rules.map((rule) => `src/${rule}.spec.ts`);
    expect(await project.jest('test/architecture', ...files)).toEqual(passed);
  });
});

/**
 * Pages about the project. Decisions keep the words of their time, and the libraries their examples. The
 * table of routes comes from the code that is left, where `order` is also a parameter.
 */
function pagesOf(folder: string): ReadonlyArray<Readonly<Record<'path' | 'text', string>>> {
  const docs = readdirSync(join(folder, 'docs'), { recursive: true, encoding: 'utf8' });
  return [...readdirSync(folder), ...docs.map((path) => `docs/${path}`)]
    .filter((path) => path.endsWith('.md') && !path.startsWith('docs/adr/'))
    .filter((path) => path !== 'docs/reference/routes.md')
    .map((path) => ({ path, text: readFileSync(join(folder, path), 'utf8') }));
}
