import { describe, expect, it } from '@jest/globals';
import { linksOf, pages, type Page } from './markdown.ts';
import { readText } from './workspace.ts';

/** The paragraph below the title, on one line. */
const firstParagraphOf = ({ text }: Page): string => (text.split('\n\n', 2)[1] ?? '').replaceAll(/\s+/g, ' ');

const inFolder = (folder: string): readonly Page[] =>
  pages.filter(({ path }) => path.startsWith(folder) && !path.endsWith('README.md'));

const byProgram =
  /^A program wrote (?:this page|what stands between the markers(?: and the plots)?): `([^`]+)`\./;
const byHand =
  /(?:Written|The rest was written) by hand, .*\d{4}-\d\d-\d\d, .*commit `[0-9a-f]{8,}`, on .*machine/;
const { scripts } = JSON.parse(readText('package.json')) as { readonly scripts: Record<string, string> };

/** Whether a report says its origin: a command that exists, by hand with when and where, or both. */
function saysItsOrigin(page: Page): boolean {
  const origin = firstParagraphOf(page);
  const command = byProgram.exec(origin)?.[1];
  if (command === undefined) return byHand.test(origin);
  const [, script = ''] = /^npm run (\S+) /.exec(command) ?? [];
  const isWhole = origin.startsWith('A program wrote this page') || !/by hand/.test(origin);
  return script in scripts && (isWhole || byHand.test(origin));
}

const status =
  /^Status: (accepted|replaced by \[ADR (\d+)\]\(\d{4}-[a-z0-9-]+\.md\))\. Date: \d{4}-\d\d-\d\d\.$/;

const page = (text: string): Page => ({ path: 'x.md', text });

describe('every report', () => {
  it('says below its title whether a command wrote it, or that it was written by hand', () => {
    const reports = inFolder('docs/reports/');
    const listed = linksOf(readText('docs/reports/README.md')).filter((link) => /^[\w-]+\.md$/.test(link));
    expect(reports.map(({ path }) => path)).toEqual(
      expect.arrayContaining(listed.map((link) => `docs/reports/${link}`)),
    );
    expect(reports.filter((report) => !saysItsOrigin(report)).map(({ path }) => path)).toEqual([]);
  });

  it('is found out if it says nothing, names no command, or hides when it was written by hand', () => {
    const wrong = [
      '# A\n\nText.',
      '# A\n\nA program wrote this page: `npm run nonsense -- a`.',
      '# A\n\nWritten by hand, some day.',
      '# A\n\nA program wrote what stands between the markers: `npm run bench -- a`. The rest was written by hand.',
    ];
    expect(wrong.map(page).filter(saysItsOrigin)).toEqual([]);
  });
});

describe('every decision', () => {
  const decisions = inFolder('docs/adr/');

  it('has its status and its date below its title', () => {
    expect(decisions.length).toBeGreaterThanOrEqual(30);
    expect(decisions.filter((each) => !status.test(firstParagraphOf(each))).map(({ path }) => path)).toEqual(
      [],
    );
  });

  it('is listed with the decision that replaced it', () => {
    const list = readText('docs/adr/README.md').split('\n');
    const replaced = decisions.flatMap((each) => {
      const by = status.exec(firstParagraphOf(each))?.[2];
      return by === undefined ? [] : [{ file: each.path.slice('docs/adr/'.length), by }];
    });
    const listed = list
      .filter((line) => line.includes('replaced by'))
      .map((line) => ({ file: linksOf(line)[0], by: /replaced by (\d+)/.exec(line)?.[1] }));
    expect(listed).toEqual(replaced);
  });
});

describe('every page of docs/reference', () => {
  it('says below its title that `npm run reference` writes it', () => {
    const written = inFolder('docs/reference/');
    expect(written).not.toEqual([]);
    expect(written.filter((each) => !firstParagraphOf(each).includes('`npm run reference`'))).toEqual([]);
  });
});

describe('the changelog', () => {
  it('has the headings of Keep a Changelog, with versions and days from the newest on', () => {
    const headings = [...readText('CHANGELOG.md').matchAll(/^(##+) (.*)$/gm)];
    const at = (depth: string) =>
      headings.filter(([, level]) => level === depth).map(([, , text = '']) => text);
    const [unreleased, ...versions] = at('##');
    expect(unreleased).toBe('[Unreleased]');
    expect(versions.filter((text) => !/^\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d$/.test(text))).toEqual([]);
    const days = at('###').map((text) => /^\d{4}-\d\d-\d\d(?= and |$)/.exec(text)?.[0] ?? text);
    expect(days).not.toEqual([]);
    expect(days).toEqual([...days].sort().reverse());
    expect(at('####').filter((kind) => !kinds.has(kind))).toEqual([]);
  });
});

const kinds = new Set(['Security', 'Added', 'Changed', 'Deprecated', 'Removed', 'Fixed']);
