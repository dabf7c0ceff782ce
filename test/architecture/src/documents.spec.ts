import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from '@jest/globals';
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

const readmeBytesMax = 8 * 1024;

describe('the documents', () => {
  it('have no link that leads nowhere', () => {
    expect(pages.flatMap(brokenLinks)).toEqual([]);
  });

  it('begin with a README of at most 8 KB', () => {
    expect(Buffer.byteLength(readText('README.md'))).toBeLessThanOrEqual(readmeBytesMax);
  });

  it('lead a reader of the README to every page of docs and every other README', () => {
    const unreached = unreachedFrom('README.md', pages);

    expect(unreached.filter((path) => path.startsWith('docs/') || path.endsWith('README.md'))).toEqual([]);
  });

  it('number each decision once, and list all of them in that order', () => {
    const decisions = filesEndingIn('.md', 'docs/adr')
      .map((path) => path.slice('docs/adr/'.length))
      .filter((name) => name !== 'README.md');
    expect(new Set(decisions.map((name) => name.slice(0, 4))).size).toBe(decisions.length);
    const listed = linksOf(readText('docs/adr/README.md')).filter((link) => /^\d{4}-/.test(link));
    expect(listed).toEqual(decisions);
  });

  it('are reported for a broken link or a missing heading', () => {
    const page = {
      path: 'docs/x.md',
      text: '# A `b` c\n[a](nowhere.md) [b](../README.md#no-such) [c](#a-b-c) [d](https://example.org)',
    };
    expect(brokenLinks(page)).toEqual([
      expect.stringContaining('nowhere.md'),
      expect.stringContaining('#no-such'),
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
