import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freeBasePort } from '@millrace/testing/kafka';
import { passed, succeeded } from './ended.fixture.ts';
import { WorkspaceCopy, workspace } from './workspace-copy.ts';

const name = 'orders-per-minute';
const page = readFileSync(join(workspace, 'docs/how-to/stream-application.md'), 'utf8');

/** The code that the page shows, and the files in which it stands, in its order. */
const shown = [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, block = '']) => block);
const sources = `apps/${name}/src`;
const changedFiles = ['topology.ts', 'events.fixture.ts', 'topology.spec.ts', 'http.int.spec.ts'].map(
  (file) => `${sources}/${file}`,
);
const shownFiles = ['apps/stack/src/stack.ts', `${sources}/topology.ts`, `${sources}/topology.spec.ts`];

/** The text before and after each place of a change that the page shows, between which lines are left out. */
const placesOf = (change: string) =>
  change.split('...\n').map((place) => {
    const without = (sign: string) =>
      [...place.matchAll(/^(.?)(.*\n)/gm)].flatMap(([, mark, line = '']) => (mark === sign ? [] : [line]));
    return { before: without('+').join(''), after: without('-').join('') };
  });

/** The steps follow each other, because a copy of the workspace takes seconds. */
describe('a generated stream application', () => {
  let fork: WorkspaceCopy;
  const generator = (script: string, ...options: readonly string[]) =>
    fork.run('npm', ['run', '--silent', script, '--', 'stream-app', name, ...options]);
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

  it('is written and registered by one command, which says what comes next', async () => {
    const { code, output } = await generator('new');
    expect({ code, output }).toMatchObject({
      code: 0,
      output: expect.stringContaining('\nNext: "npx nx run'),
    });
    const files = await changed();
    expect(files).toContain(`apps/${name}/src/topology.ts`);
    expect(files).toContain('docker-compose.yml');
    expect(page).toContain(/^Next: .*\n.*$/m.exec(output)?.[0]);
    const [, port] = /127\.0\.0\.1:(\d+)\/counts/.exec(output) ?? [];
    expect(new Set(page.match(/(?<=127\.0\.0\.1:)\d+(?=\/counts)/g))).toEqual(new Set([port]));
    expect(page).toContain(`${name} http://127.0.0.1:${port} `);
    expect(page).toContain(`publishes port ${port} itself`);
    expect(page).toContain(`The second process listens on port ${Number(port) + 100}`);
  });

  it('has the code that docs/how-to/stream-application.md shows', () => {
    const outdented = (text: string) => text.replaceAll(/^ +/gm, '');
    expect(shown).toHaveLength(shownFiles.length);
    for (const [index, path] of shownFiles.entries())
      expect(outdented(readFileSync(join(fork.folder, path), 'utf8'))).toContain(
        outdented(shown[index] ?? ''),
      );
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
    expect(await fork.compile(...projects)).toEqual(succeeded);
  });

  it('passes its tests, and those of docker-compose.yml', async () => {
    expect(await fork.jest(`apps/${name}`)).toEqual(passed);
    expect(await fork.jestWith('jest.int.config.mjs', `apps/${name}`)).toEqual(passed);
    expect(await fork.jest('test/containers', 'src/compose-file.spec.ts')).toEqual(passed);
  });

  it('runs beside the services, with its topic and a folder for its state', async () => {
    const basePort = await freeBasePort([1, 41, 80, 900, 941].flatMap(portsFrom));
    const options = ['--no-samples', '--no-console', '--with', name, '--base-port', String(basePort)];
    const system = fork.start('npm', ['start', '--silent', '--', ...options]);
    try {
      const printed = await system.prints('Ctrl-C stops everything');
      const [, url] = new RegExp(`^${name} +(http://[\\d.:]+) `, 'm').exec(printed) ?? [];
      const answer = await fetch(`${url}/counts`);
      expect({ status: answer.status, body: await answer.json() }).toEqual({
        status: 200,
        body: { items: [] },
      });
      expect(readdirSync(join(fork.folder, `.millrace-${basePort}/state`))).toEqual([`${name}-1`]);
    } finally {
      system.interrupt();
    }
    expect(await system.ended).toMatchObject({ code: 0 });
  });

  it('passes its tests after the change that the page shows', async () => {
    const changes = [...page.matchAll(/^```diff\n(.*?)^```$/gms)].map(([, block = '']) => block);
    expect(changes).toHaveLength(changedFiles.length);
    for (const [index, change] of changes.entries()) {
      const path = join(fork.folder, changedFiles[index] ?? '');
      let text = readFileSync(path, 'utf8');
      for (const { before, after } of placesOf(change)) {
        expect(text).toContain(before);
        text = text.replace(before, () => after);
      }
      writeFileSync(path, text);
    }
    expect(await fork.jest(`apps/${name}`)).toEqual(passed);
    expect(await fork.jestWith('jest.int.config.mjs', `apps/${name}`)).toEqual(passed);
  });

  it('is not removed while it is not committed', async () => {
    expect(await generator('remove')).toEqual({
      code: 1,
      output: expect.stringMatching(/^nothing was removed, [^]*\n\?\? apps\/[^]*\nCommit them first/),
    });
  });

  it('is removed by one command, which leaves every file as it was', async () => {
    expect(await generator('remove', '--force')).toMatchObject({ code: 0 });
    expect(await changed()).toEqual([]);
  });
});

const portsFrom = (first: number) => Array.from({ length: 7 }, (_, index) => first + index);
