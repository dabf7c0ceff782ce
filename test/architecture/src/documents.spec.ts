import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { isOfGeneratedPart } from './commands.ts';
import { anchorsOf, linksOf, pages, unreachedFrom, type Page } from './markdown.ts';
import { filesEndingIn, readText, workspace } from './workspace.ts';

const isElsewhere = (target: string): boolean => /^[a-z][a-z0-9+.-]*:/i.test(target);

/** Relative links to a file or heading that does not exist. */
function brokenLinks({ path, text }: Page): readonly string[] {
  return linksOf(text)
    .filter((target) => !isElsewhere(target))
    .flatMap((target) => {
      const [file = '', anchor] = target.split('#', 2);
      const found = file === '' ? path : normalize(join(dirname(path), decodeURIComponent(file)));
      if (found !== path && !existsSync(join(workspace, found)))
        return [`${path}: ${target}: there is no ${found}`];
      if (anchor === undefined || !found.endsWith('.md')) return [];
      return anchorsOf(found === path ? text : readText(found)).has(anchor)
        ? []
        : [`${path}: ${target}: ${found} has no such heading`];
    });
}

/**
 * Paths in backticks that begin with a folder of the workspace. Words in capitals are placeholders
 * and do not count.
 */
const namedPaths = (text: string): readonly string[] =>
  [...text.matchAll(/`((?:apps|libs|test|tools|docs)\/[A-Za-z0-9_./-]+)`/g)]
    .map(([, path = '']) => path)
    .filter((path) => !/[A-Z]{3,}(?!\.md)/.test(path));

function missingPaths({ path, text }: Page): readonly string[] {
  return namedPaths(text)
    .filter((named) => !existsSync(join(workspace, named)) && !isOfGeneratedPart(named))
    .map((named) => `${path}: \`${named}\` does not exist`);
}

/** Files that a page asks the reader to create, or that a reader may have beside the workspace. */
const elsewhere: ReadonlySet<string> = new Set([
  'fulfillment-2.saga.ts',
  'shared/tools/containers/engine.mjs',
]);

/**
 * Sources that are named in backticks without their folder or with a part of it: \`relay.ts\`,
 * \`broker/handlers.ts\`.
 */
const namedSources = (text: string): readonly string[] =>
  [...text.matchAll(/`([A-Za-z0-9_./-]+\.(?:ts|mjs|sql))`/g)]
    .map(([, name = '']) => name.replace(/^(\.{1,2}\/)+/, ''))
    .filter((name) => !name.startsWith('.') && !/[A-Z]{3,}/.test(name) && !elsewhere.has(name))
    .filter((name) => !isOfGeneratedPart(name));

const everyFile = ['.ts', '.mjs', '.sql'].flatMap((ending) => filesEndingIn(ending));

function missingSources({ path, text }: Page): readonly string[] {
  return namedSources(text)
    .filter((name) => !everyFile.some((file) => file === name || file.endsWith(`/${name}`)))
    .map((name) => `${path}: there is no file \`${name}\``);
}

/** The comment lines of a source. */
const commentsOf = ({ path, text }: Page): Page => ({
  path,
  text: (text.match(/^\s*(\/\/|\/?\*).*$/gm) ?? []).join('\n'),
});

/** Entries of the form "- pattern: `file`, `file`", where a file may be named by the end of its path. */
const patternsOf = (
  text: string,
): ReadonlyArray<{ readonly pattern: string; readonly files: readonly string[] }> =>
  text
    .split(/^(?=- )/m)
    .slice(1)
    .map((entry) => ({
      pattern: entry.split('\n', 1).join(''),
      files: [...entry.matchAll(/`([A-Za-z0-9_./-]+\.[a-z]+)`/g)].map(([, file = '']) => file),
    }));

const patternsMin = 30;
const readmeBytesMax = 8 * 1024;

describe('the documents', () => {
  it('have no link that leads nowhere', () => {
    expect(pages.flatMap(brokenLinks)).toEqual([]);
  });

  it('name no file that does not exist', () => {
    expect(pages.flatMap(missingPaths)).toEqual([]);
  });

  it('name no source that does not exist, and neither do the comments', () => {
    const comments = everyFile
      .filter((path) => path.endsWith('.ts'))
      .map((path) => commentsOf({ path, text: readText(path) }));
    expect([...pages, ...comments].flatMap(missingSources)).toEqual([]);
  });

  it('show each pattern in one file that exists', () => {
    const patterns = patternsOf(readText('docs/PATTERNS.md'));
    expect(patterns.length).toBeGreaterThanOrEqual(patternsMin);
    expect(patterns.filter(({ files }) => files.length === 0)).toEqual([]);
    const filesNamed = (name: string) => everyFile.filter((path) => `/${path}`.endsWith(`/${name}`));
    const isClear = (name: string) => existsSync(join(workspace, name)) || filesNamed(name).length === 1;
    expect(patterns.flatMap(({ files }) => files).filter((name) => !isClear(name))).toEqual([]);
  });

  it('begin with a README of at most 8 KB', () => {
    expect(Buffer.byteLength(readText('README.md'))).toBeLessThanOrEqual(readmeBytesMax);
  });

  it('lead a reader of the README to every page of docs and every other README', () => {
    const unreached = unreachedFrom('README.md', pages);

    expect(unreached.filter((path) => path.startsWith('docs/') || path.endsWith('README.md'))).toEqual([]);
  });

  it('number the decisions without a gap, and list each of them', () => {
    const decisions = filesEndingIn('.md', 'docs/adr')
      .map((path) => path.slice('docs/adr/'.length))
      .filter((name) => name !== 'README.md');
    expect(decisions.map((name) => Number(name.slice(0, 4)))).toEqual(decisions.map((_, index) => index + 1));
    expect(decisions.filter((name) => !linksOf(readText('docs/adr/README.md')).includes(name))).toEqual([]);
  });

  it('are reported for a broken link, a missing heading or a missing file', () => {
    const page = {
      path: 'docs/x.md',
      text: '# A `b` c\n[a](nowhere.md) [b](../README.md#no-such) [c](#a-b-c) [d](https://example.org)\n`libs/none/x.ts`',
    };
    expect(brokenLinks(page)).toEqual([
      expect.stringContaining('nowhere.md'),
      expect.stringContaining('#no-such'),
    ]);
    expect(missingPaths(page)).toEqual(['docs/x.md: `libs/none/x.ts` does not exist']);
    const source = {
      path: 'a.ts',
      text: '/** See `gone.ts`, `outbox/relay.ts`. */\nconst x = `other.ts`;\n  // as `src/gone.sql` has',
    };
    expect(missingSources(commentsOf(source))).toEqual([
      'a.ts: there is no file `gone.ts`',
      'a.ts: there is no file `src/gone.sql`',
    ]);
  });

  it('are reported when no link reaches them', () => {
    const reaching = [
      { path: 'README.md', text: '[a](docs/a.md#b) and [c](docs/c)' },
      { path: 'docs/a.md', text: '# B\n[here](#b) and [there](../libs/d/README.md)' },
      { path: 'docs/c/README.md', text: '[d](d.md)' },
      { path: 'docs/c/d.md', text: '' },
      { path: 'libs/d/README.md', text: '`[not](../../docs/lost.md)`' },
    ];
    const lost = [
      { path: 'docs/lost.md', text: '[an island](island.md)' },
      { path: 'docs/island.md', text: '[back](../README.md)' },
      { path: 'docs/README.md', text: '' },
    ];

    expect(unreachedFrom('README.md', reaching)).toEqual([]);
    expect(unreachedFrom('README.md', [...reaching, ...lost])).toEqual(lost.map(({ path }) => path));
  });
});
