import { dirname, join } from 'node:path/posix';
import { visitNotIgnoredFiles, type Tree } from '@nx/devkit';
import { guaranteesPage, readProofs } from '../../../test/architecture/src/guarantees.ts';
import { anchorsOf } from '../../../test/architecture/src/markdown.ts';
import { withProvenPromises } from '../../generators/remove-service/promises.ts';
import { editFile } from '../../generators/source/edit-text.ts';
import { writeTemplates } from '../../generators/source/write-templates.ts';

/**
 * Writes a README of its own, and leaves the other pages as they are, with examples from the shop.
 * Only links to what is gone become plain text, and promises without a test and settings without a
 * service are taken out.
 */
export function editPages(tree: Tree, values: Readonly<Record<string, string>>): void {
  writeTemplates(tree, join(import.meta.dirname, 'files'), '', values);
  editFile(tree, 'docs/README.md', (text) =>
    text.replace(
      '\n',
      `\n\nThe examples on these pages are those of the shop of the platform from which this project was made.\n`,
    ),
  );
  editFile(tree, 'docs/reference/settings.md', (text) =>
    text.replaceAll(/^## (Order|Choreographed orders|Shipping|Notification)\n[^]*?(?=^## )/gm, ''),
  );
  const proofs = readProofs().filter(({ file }) => tree.exists(file));
  editFile(tree, guaranteesPage, (text) => withProvenPromises(text, proofs));
  visitNotIgnoredFiles(tree, '.', (path) => {
    if (path.endsWith('.md')) editFile(tree, path, (text) => withoutDeadLinks(tree, path, text));
  });
}

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
