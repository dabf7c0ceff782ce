import { formatFiles, type GeneratorCallback, type Tree } from '@nx/devkit';
import { removePromisesWithoutTest } from '../remove-service/promises.ts';
import { deleteWithUses } from '../source/delete-with-uses.ts';
import { pagesOf, unlinkDeadTargets } from '../source/pages.ts';
import { choreographyFiles } from './choreography-files.ts';
import { removeStyleSettings } from './style-settings.ts';

/** Removes the choreographed style of orders: the folder of each service, and what serves only that style. */
export default async function removeChoreography(tree: Tree): Promise<GeneratorCallback> {
  const folders = tree
    .children('apps')
    .map((app) => `apps/${app}/src/choreography`)
    .filter((folder) => tree.exists(folder));
  if (folders.length === 0)
    throw new Error('the choreography is removed already: no service has a folder src/choreography');
  deleteWithUses(tree, [...folders, ...choreographyFiles.filter((file) => tree.exists(file))]);
  removeStyleSettings(tree);
  unlinkDeadTargets(tree);
  const pages = pagesOf(tree).filter((path) => tellsOfIt(tree, path));
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

const tellsOfIt = (tree: Tree, page: string): boolean =>
  !history.test(page) && /choreograph/i.test(tree.read(page, 'utf8') ?? '');
