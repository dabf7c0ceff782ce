import { formatFiles, visitNotIgnoredFiles, type GeneratorCallback, type Tree } from '@nx/devkit';
import { removePromisesWithoutTest } from '../remove-service/promises.ts';
import { deleteWithUses } from '../source/delete-with-uses.ts';
import { editFile, withoutLines } from '../source/edit-text.ts';
import { withoutDeadLinks, withoutSections } from '../source/pages.ts';
import { choreographyFiles, styleSettings } from './choreography-files.ts';

/** Removes the choreographed style of orders: the folder of each service, and what serves only that style. */
export default async function removeChoreography(tree: Tree): Promise<GeneratorCallback> {
  const folders = tree
    .children('apps')
    .map((app) => `apps/${app}/src/choreography`)
    .filter((folder) => tree.exists(folder));
  if (folders.length === 0)
    throw new Error('the choreography is removed already: no service has a folder src/choreography');
  deleteWithUses(tree, [...folders, ...choreographyFiles.filter((file) => tree.exists(file))]);
  editFile(tree, 'docker-compose.yml', (text) => withoutLines(text, styleSettings));
  editFile(tree, 'docs/reference/settings.md', (text) => withoutSections(text, 'Choreographed orders'));
  const pages = withoutLinks(tree);
  await formatFiles(tree);
  return () => {
    removePromisesWithoutTest(tree.root);
    console.log(`
The choreography is removed: ${folders.join(', ')}, and what used them.${pages.length === 0 ? '' : `\nThese pages tell of it: change what they say.\n  ${pages.join('\n  ')}`}
Next: "npx tsc -b" compiles the rest, and "npm run reference" writes docs/reference as it is without it.
      A system that has run keeps the table choreographed_order and the events. Orders under way in that style stay
      open for ever: remove the choreography once they have ended.`);
  };
}

/** What a fork keeps as it was written. */
const history = /^(CHANGELOG\.md|docs\/(adr|reports|reference)\/)/;

/** Makes plain text of the links to the page that is deleted. Returns the pages that tell of the choreography. */
function withoutLinks(tree: Tree): readonly string[] {
  const pages: string[] = [];
  const look = (path: string) => {
    if (!path.endsWith('.md')) return;
    const text = tree.read(path, 'utf8') ?? '';
    const plain = withoutDeadLinks(tree, path, text);
    if (plain !== text) tree.write(path, plain);
    if (/choreograph/i.test(plain) && !history.test(path)) pages.push(path);
  };
  for (const path of ['CHANGELOG.md', 'README.md']) look(path);
  for (const root of ['apps', 'docs', 'libs', 'test']) visitNotIgnoredFiles(tree, root, look);
  return pages;
}
