import { matchesGlob } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { projects, readText } from './workspace.ts';

/** Projects that the platform runs without, so that a change of one of them reruns only suites that use it. */
const optional: readonly string[] = [
  'apps/console',
  'apps/connect',
  'apps/registry',
  'libs/connect',
  'libs/schema-registry',
];

type Inputs = readonly (string | object)[];

const { namedInputs, targetDefaults } = JSON.parse(readText('nx.json')) as {
  readonly namedInputs: Readonly<Record<string, Inputs>>;
  readonly targetDefaults: Readonly<Record<string, { readonly inputs?: Inputs }>>;
};

/** The patterns of some inputs, with those of named inputs in their places. */
const patternsOf = (inputs: Inputs): readonly string[] =>
  inputs.flatMap((input) =>
    typeof input !== 'string' || input.startsWith('^')
      ? []
      : input in namedInputs
        ? patternsOf(namedInputs[input] ?? [])
        : [input],
  );

/** Folders and files that a pattern names, but that another pattern leaves out. Nx applies these last. */
const namedInVain = (inputs: Inputs): readonly string[] => {
  const patterns = patternsOf(inputs).map((pattern) => pattern.replace('{workspaceRoot}/', ''));
  const leftOut = patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => pattern.slice(1));
  return patterns.filter(
    (pattern) =>
      /^(apps|libs|test)\//.test(pattern) &&
      leftOut.some((each) => matchesGlob(pattern.replaceAll('*', 'x').replace(/\{(\w+),.*?\}/g, '$1'), each)),
  );
};

describe('the input `platform`', () => {
  const platform = patternsOf(['platform']);

  it('has every project of apps and libs, except for those that are optional', () => {
    expect(platform).toEqual(
      expect.arrayContaining(['{workspaceRoot}/apps/**/*', '{workspaceRoot}/libs/**/*']),
    );
    const leftOut = platform.flatMap(
      (input) => /^!\{workspaceRoot\}\/((?:apps|libs)\/[^/*]+)\//.exec(input)?.[1] ?? [],
    );
    expect(leftOut).toEqual(optional);
  });

  it('leaves out only projects that exist', () => {
    const folders = projects.map(({ folder }) => folder);
    expect(optional.filter((folder) => !folders.includes(folder))).toEqual([]);
  });
});

describe('the inputs of a target', () => {
  const targets = [
    ...Object.entries(targetDefaults).map(([name, { inputs }]) => ({ name, inputs })),
    ...projects.flatMap(({ folder }) => {
      const { nx } = JSON.parse(readText(`${folder}/package.json`)) as {
        readonly nx?: { readonly targets?: Readonly<Record<string, { readonly inputs?: Inputs }>> };
      };
      return Object.entries(nx?.targets ?? {}).map(([name, { inputs }]) => ({
        name: `${folder}: ${name}`,
        inputs,
      }));
    }),
  ];

  it('name nothing that a pattern among them leaves out', () => {
    expect(
      targets.flatMap(({ name, inputs = [] }) => namedInVain(inputs).map((pattern) => `${name}: ${pattern}`)),
    ).toEqual([]);
  });

  it('are reported if they do', () => {
    expect(
      namedInVain([
        'platform',
        '{workspaceRoot}/apps/console/**/*',
        '{workspaceRoot}/libs/saga/**/*.spec.ts',
      ]),
    ).toEqual(['apps/console/**/*', 'libs/saga/**/*.spec.ts']);
  });
});

describe('an input of code', () => {
  it.each(['own', 'platform', 'broker'])('leaves out pages: %s', (name) => {
    const patterns = patternsOf([name]);
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
