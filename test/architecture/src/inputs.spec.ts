import { describe, expect, it } from '@jest/globals';
import { projects, readText } from './workspace.ts';

/**
 * Apps that the platform runs without. They are no part of the input `platform`, so that a change of
 * one of them reruns only its own suites.
 */
const optionalApps: readonly string[] = ['apps/console'];

const { namedInputs } = JSON.parse(readText('nx.json')) as {
  readonly namedInputs: Readonly<Record<string, readonly (string | object)[]>>;
};

const platform = (namedInputs.platform ?? []).flatMap((input) => {
  const [, app] = /^\{workspaceRoot\}\/(apps\/[^/*]+)\//.exec(String(input)) ?? [];
  return app === undefined ? [] : [app];
});

describe('the input `platform`', () => {
  it('names every app, unless the app is optional', () => {
    const apps = projects.map(({ folder }) => folder).filter((folder) => folder.startsWith('apps/'));
    expect([...platform, ...optionalApps].sort()).toEqual([...apps].sort());
  });
});

describe('an input of code', () => {
  it.each(['own', 'platform', 'broker'])('leaves out pages: %s', (name) => {
    const patterns = (namedInputs[name] ?? []).map(String);
    const foldersOf = (start: string, end: string) =>
      patterns
        .filter((pattern) => pattern.startsWith(`${start}{`) && pattern.endsWith(end))
        .map((pattern) => pattern.slice(start.length, -end.length));
    const withoutPages = foldersOf('!', '/**/*.md');
    const uncovered = foldersOf('', '/**/*').filter(
      (folder) => !withoutPages.some((each) => folder.startsWith(each)),
    );
    expect(uncovered).toEqual([]);
  });
});
