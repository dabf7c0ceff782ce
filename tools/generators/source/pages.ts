import { dirname, join } from 'node:path/posix';
import { visitNotIgnoredFiles, type Tree } from '@nx/devkit';
import { anchorsOf } from '../../../test/architecture/src/markdown.ts';
import { editFile } from './edit-text.ts';

/** Takes out the sections with these headings, up to the next heading of their level or a higher one. */
export const withoutSections = (text: string, headings: string): string =>
  text.replaceAll(new RegExp(`^(##+) (?:${headings})\\n[^]*?(?=^## |^\\1 |(?![^]))`, 'gm'), '');

const codeOrLink = /^ *```[^]*?^ *```$|`[^`\n]*`|!?\[([^\]]*)\]\(([^()\s]+)\)/gm;

/** Makes plain text of each link to a file or a heading that does not exist. */
export const withoutDeadLinks = (tree: Tree, page: string, text: string): string =>
  text.replaceAll(codeOrLink, (all, words: string | undefined, target: string | undefined) =>
    words === undefined || target === undefined || leadsSomewhere(tree, page, target, text) ? all : words,
  );

const link = String.raw`\[[^\]]*\]\(([^()\s]+)\)`;

/**
 * Takes out what says nothing without a link to a file or a heading that does not exist: a list item or a
 * sentence that begins with it, and a remark in parentheses that consists of it.
 */
export const withoutDeadTexts = (tree: Tree, page: string, text: string): string =>
  [
    String.raw`^ *(?:-|\d+\.) (?:\*\*)?${link}(?:(?!\n *(?:-|\d+\.) |\n\n)[^])*\n`,
    String.raw`\s+\(${link}\)`,
    String.raw`(?<=^\n|\.\s)${link}(?:(?!\n\n)[^])*?\.(?: |(?=\n))`,
  ].reduce(
    (left, pattern) =>
      left.replaceAll(new RegExp(pattern, 'gm'), (all, target: string) =>
        leadsSomewhere(tree, page, target, text) ? all : '',
      ),
    text,
  );

/** Makes plain text of the dead links on every page. */
export function unlinkDeadTargets(tree: Tree): void {
  for (const page of pagesOf(tree)) editFile(tree, page, (text) => withoutDeadLinks(tree, page, text));
}

export function pagesOf(tree: Tree): readonly string[] {
  const pages: string[] = [];
  visitNotIgnoredFiles(tree, '.', (path) => {
    if (path.endsWith('.md')) pages.push(path);
  });
  return pages;
}

function leadsSomewhere(tree: Tree, page: string, target: string, text: string): boolean {
  const [path = '', anchor] = target.split('#', 2);
  if (path.includes(':')) return true;
  const file = path === '' ? page : join(dirname(page), path);
  if (anchor === undefined || !file.endsWith('.md')) return tree.exists(file);
  return anchorsOf(file === page ? text : (tree.read(file, 'utf8') ?? '')).has(anchor);
}
