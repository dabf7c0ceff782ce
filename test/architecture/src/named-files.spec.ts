import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { isOfGeneratedPart } from './commands.ts';
import { pages, type Page } from './markdown.ts';
import { filesEndingIn, readText, workspace } from './workspace.ts';

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

describe('the documents', () => {
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

  it('are reported for a missing file', () => {
    expect(missingPaths({ path: 'docs/x.md', text: '`libs/none/x.ts`' })).toEqual([
      'docs/x.md: `libs/none/x.ts` does not exist',
    ]);
    const source = {
      path: 'a.ts',
      text: '/** See `gone.ts`, `outbox/relay.ts`. */\nconst x = `other.ts`;\n  // as `src/gone.sql` has',
    };
    expect(missingSources(commentsOf(source))).toEqual([
      'a.ts: there is no file `gone.ts`',
      'a.ts: there is no file `src/gone.sql`',
    ]);
  });
});
