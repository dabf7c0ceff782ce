import { basename, join, normalize } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { importedPath, parseSource, sources, type Source } from './typescript-source.ts';
import { filesEndingIn, isTest, projects, readText } from './workspace.ts';

const entryPoints: ReadonlySet<string> = new Set(
  projects.flatMap(({ folder, manifest }) =>
    Object.values(manifest.exports ?? {}).flatMap((targets) => {
      const source = targets['@millrace/source'];
      return source === undefined ? [] : [normalize(join(folder, source))];
    }),
  ),
);

const startsByItself = (path: string): boolean =>
  entryPoints.has(path) || /\/main\.tsx?$/.test(path) || path.endsWith('.spec.ts');

/**
 * Whether a text starts the file by its path: a program that a test or a tool spawns, or a hook
 * that a Jest configuration names.
 */
function namedIn(texts: readonly string[], path: string): boolean {
  const ends = ["'", '`'];
  const names = ends.flatMap((end) => [...ends, '/'].map((start) => `${start}${basename(path)}${end}`));
  return texts.some((text) => names.some((name) => text.includes(name)));
}

/** Files that are not tests but that only tests import. */
function usedByTestsOnly(all: readonly Source[], configurations: readonly string[]): readonly string[] {
  const importsOf = (files: readonly Source[]) =>
    new Set(files.flatMap((source) => source.imports.map((each) => importedPath(source, each))));
  const byCode = importsOf(all.filter(({ path }) => !isTest(path)));
  const byTests = importsOf(all.filter(({ path }) => isTest(path)));
  return all
    .map(({ path }) => path)
    .filter((path) => !isTest(path) && !startsByItself(path) && byTests.has(path) && !byCode.has(path))
    .filter((path) => !namedIn(configurations, path))
    .map((path) => `${path}: only tests import it: delete it, or name it *.fixture.ts or *.fake.ts`);
}

const configurations = [
  ...filesEndingIn('.mjs').filter((path) => basename(path).startsWith('jest.')),
  ...filesEndingIn('.ts', 'tools'),
].map(readText);

/** Files that nothing uses are found by knip. */
describe('every file', () => {
  it('serves the product, unless its name says that it serves tests', () => {
    expect(usedByTestsOnly(sources, configurations)).toEqual([]);
  });

  it('is reported otherwise', () => {
    const helped = parseSource('libs/saga/src/helped.ts', '');
    const test = parseSource('libs/saga/src/helped.spec.ts', `import './helped.ts';`);
    expect(usedByTestsOnly([helped, test], [])).toEqual([
      expect.stringContaining('libs/saga/src/helped.ts: only tests import it'),
    ]);
  });
});
