import { describe, expect, it } from '@jest/globals';
import { projects, readText } from './workspace.ts';

/**
 * Apps that the platform runs without. They are no part of the input `platform`, so that a change of
 * one of them reruns only its own suites.
 */
const optionalApps: readonly string[] = [];

const { namedInputs } = JSON.parse(readText('nx.json')) as {
  readonly namedInputs: Readonly<Record<string, readonly (string | object)[]>>;
};

interface Targets {
  readonly targetDefaults?: Inputs;
  readonly nx?: { readonly targets?: Inputs };
}
type Inputs = Readonly<Record<string, { readonly inputs?: readonly unknown[] }>>;

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

describe('the input `processes`', () => {
  it('leaves out nothing of the platform but the rules of the services', () => {
    expect(namedInputs.processes).toEqual(['platform', '!{workspaceRoot}/apps/*/src/domain/**/*']);
  });

  it('is used only by suites that take minutes, so that shorter ones run a changed rule in its service', () => {
    const manifests = projects.map(({ folder }) => `${folder}/package.json`);
    const users = ['nx.json', ...manifests].flatMap((file) => {
      const { targetDefaults, nx } = JSON.parse(readText(file)) as Targets;
      return Object.entries(targetDefaults ?? nx?.targets ?? {})
        .filter(([, { inputs = [] }]) => inputs.includes('processes'))
        .map(([target]) => target);
    });
    expect(new Set(users)).toEqual(new Set(['test-ci']));
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
