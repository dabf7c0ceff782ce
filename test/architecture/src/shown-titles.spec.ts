import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { pages, type Page } from './markdown.ts';
import { filesEndingIn, readText } from './workspace.ts';

/** A block of commands, right before a block with what they print. */
const commandsWithOutput = /^```sh\n([^]*?)^```\n+```text\n([^]*?)^```$/gm;
const oneFile = /npx nx run @\w+\/([\w-]+):[\w-]+ -- (\S+\.spec\.ts)/;
const passedTest = /^ *✓ (.*?)(?: \(\d+ m?s\))?$/gm;

/** Titles that a page shows as the output of one file, which does not have them. */
const missingTitles = ({ path, text }: Page): readonly string[] =>
  [...text.matchAll(commandsWithOutput)].flatMap(([, commands = '', output = '']) => {
    const [, project = '', file = ''] = oneFile.exec(commands) ?? [];
    const spec = filesEndingIn(join('/', project, file))
      .map(readText)
      .join('\n');
    return [...output.matchAll(passedTest)]
      .filter(([, title = '']) => !spec.includes(`('${title}',`))
      .map(([, title = '']) => `${path}: ${file} has no test "${title}"`);
  });

describe('the titles of tests that a document shows', () => {
  it('are those of the file that is run', () => {
    expect(pages.flatMap(missingTitles)).toEqual([]);
  });

  it('are reported if the file does not have them', () => {
    const fence = '```';
    const text = [
      `${fence}sh`,
      'npx nx run @acme/architecture:test -- src/shown-titles.spec.ts',
      fence,
      '',
      `${fence}text`,
      '  ✓ are those of the file that is run (1 ms)',
      '  ✓ are those of another file',
      fence,
    ].join('\n');
    expect(missingTitles({ path: 'docs/x.md', text })).toEqual([
      'docs/x.md: src/shown-titles.spec.ts has no test "are those of another file"',
    ]);
  });
});
