import { dirname, join } from 'node:path/posix';
import type { Tree } from '@nx/devkit';
import { anchorsOf } from '../../../test/architecture/src/markdown.ts';

/** Takes out the sections with these headings, up to the next heading of their level or a higher one. */
export const withoutSections = (text: string, headings: string): string =>
  text.replaceAll(new RegExp(`^(##+) (?:${headings})\\n[^]*?(?=^## |^\\1 |(?![^]))`, 'gm'), '');

const codeOrLink = /^ *```[^]*?^ *```$|`[^`\n]*`|!?\[([^\]]*)\]\(([^()\s]+)\)/gm;

/** Makes plain text of each link to a file or a heading that does not exist. */
export const withoutDeadLinks = (tree: Tree, page: string, text: string): string =>
  text.replaceAll(codeOrLink, (all, words: string | undefined, target: string | undefined) =>
    words === undefined || target === undefined || leadsSomewhere(tree, page, target, text) ? all : words,
  );

function leadsSomewhere(tree: Tree, page: string, target: string, text: string): boolean {
  const [path = '', anchor] = target.split('#', 2);
  if (path.includes(':')) return true;
  const file = path === '' ? page : join(dirname(page), path);
  if (anchor === undefined || !file.endsWith('.md')) return tree.exists(file);
  return anchorsOf(file === page ? text : (tree.read(file, 'utf8') ?? '')).has(anchor);
}
