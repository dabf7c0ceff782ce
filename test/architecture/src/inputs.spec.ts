import { describe, expect, it } from '@jest/globals';
import { projects, readText } from './workspace.ts';

/** Apps that the platform runs without, so that a change of one of them reruns only its own suites. */
const optionalApps: readonly string[] = ['apps/console'];

const { namedInputs } = JSON.parse(readText('nx.json')) as {
  readonly namedInputs: Readonly<Record<string, readonly (string | object)[]>>;
};

describe('the input `platform`', () => {
  const platform = (namedInputs.platform ?? []).map(String);
  const leftOut = platform.flatMap((input) => /^!\{workspaceRoot\}\/(apps\/[^/*]+)\//.exec(input)?.[1] ?? []);

  it('has every app, except for those that are optional', () => {
    expect(platform).toContain('{workspaceRoot}/apps/**/*');
    expect(leftOut).toEqual(optionalApps);
  });

  it('leaves out only apps that exist', () => {
    const apps = projects.map(({ folder }) => folder);
    expect(leftOut.filter((app) => !apps.includes(app))).toEqual([]);
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
