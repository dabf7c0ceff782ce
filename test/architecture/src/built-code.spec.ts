import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parseSource, sources, type Source } from './typescript-source.ts';
import { isTest, workspace } from './workspace.ts';

/** `tools/build/page.ts` writes the page of an app there, from source and from a build alike. */
const builtPage = /\/dist\/page$/;

/** The path in `join(import.meta.dirname, 'PATH')` and `new URL('PATH', import.meta.url)`. */
const neighbours = /import\.meta\.dirname,\s*'([^']+)'|new URL\('([^']+)',\s*import\.meta\.url\)/g;

/**
 * Finds files other than modules that the source reads beside itself and that its build would not
 * find, since the compiler writes only JavaScript.
 */
const leftBehind = (all: readonly Source[]): readonly string[] =>
  all
    .filter(({ path }) => !isTest(path))
    .flatMap(({ path, text }) =>
      [...text.matchAll(neighbours)]
        .map(([, joined, url]) => join(dirname(path.replace('/src/', '/dist/')), joined ?? url ?? ''))
        .filter(
          (target) =>
            !target.endsWith('.ts') &&
            !builtPage.test(target) &&
            (target.includes('/dist/') || !existsSync(join(workspace, target))),
        )
        .map((target) => `${path}: its build looks for ${target}: move the file out of src`),
    );

describe('built code', () => {
  it('finds the files that it reads where its source finds them', () => {
    expect(leftBehind(sources)).toEqual([]);
  });

  it('is reported if it does not', () => {
    const faults = ["join(import.meta.dirname, 'migrations')", "new URL('../src/none', import.meta.url)"];
    for (const fault of faults)
      expect(leftBehind([parseSource('apps/order/src/a.ts', fault)])).toHaveLength(1);
  });
});
