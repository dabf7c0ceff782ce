import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { succeeded } from '../ended.fixture.ts';
import { WorkspaceCopy, workspace, type Ended } from '../workspace-copy.ts';
import { sectionsOf } from './page.ts';
import { Reader } from './reader.ts';

const sections = sectionsOf(readFileSync(join(workspace, 'docs/TUTORIAL.md'), 'utf8'));
const last = sections.at(-1);
const written = sections.flatMap(({ acts }) =>
  acts.flatMap((act) => (act.kind === 'change' ? [act.path] : [])),
);
const apps = [...new Set(written.flatMap((path) => /^apps\/[^/]+/.exec(path) ?? []))];

/** Each section begins with what the one before it has left, so the first failure ends the reading. */
describe('a reader of docs/TUTORIAL.md', () => {
  let copy: WorkspaceCopy;
  let reader: Reader;
  let failed: string | undefined;
  let compiled: Promise<Ended> | undefined;
  beforeAll(async () => {
    copy = await WorkspaceCopy.make('tutorial');
    // A system that runs from bundles, as that of a reader does, has the page of the console.
    expect(await copy.run('node', ['tools/build/page.ts', 'apps/console'])).toEqual(succeeded);
    reader = await Reader.open(copy);
  });
  afterAll(async () => {
    await reader?.stop();
    await compiled?.catch(() => undefined);
    await copy?.remove();
  });

  it.each(sections)('F10 writes and runs what "$title" says', async (section) => {
    const { title } = section;
    if (failed !== undefined) throw new Error(`not tried, because "${failed}" failed`);
    failed = title;
    // The last section waits for a saga, and the compiler uses that time.
    if (section === last) compiled = compile();
    await reader.perform(section);
    failed = undefined;
  });

  it('F10 has code that compiles, tests included', async () => {
    expect(await (compiled ?? compile())).toEqual(succeeded);
  });

  it('F10 has code that is formatted', async () => {
    const sources = new Set(written.filter((path) => path.endsWith('.ts')));
    expect(await copy.run('prettier', ['--check', '--log-level', 'warn', ...sources])).toEqual(succeeded);
  });

  const compile = () => copy.compile(...apps.flatMap((app) => [app, `${app}/tsconfig.spec.json`]));
});
