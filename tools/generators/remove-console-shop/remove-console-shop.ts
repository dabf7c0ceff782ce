import { formatFiles, visitNotIgnoredFiles, type GeneratorCallback, type Tree } from '@nx/devkit';
import { removePaths } from '../source/remove-paths.ts';

const folder = 'apps/console/src/shop';

/** Removes the sample business from the console, which shows everything else of any system. */
export default async function removeConsoleShop(tree: Tree): Promise<GeneratorCallback> {
  if (!tree.exists(folder)) throw new Error(`the console has no shop any more: there is no ${folder}`);
  removePaths(tree, [folder]);
  await formatFiles(tree);
  const journeys = journeysToTheShop(tree);
  return () => {
    if (journeys.length > 0)
      console.log(
        `\nThese journeys visit the shop's pages: change or delete them.\n  ${journeys.join('\n  ')}`,
      );
  };
}

/** The tests in a browser that visit the shop. Only a person can say what they should show instead. */
function journeysToTheShop(tree: Tree): readonly string[] {
  const journeys: string[] = [];
  if (tree.exists('test/console'))
    visitNotIgnoredFiles(tree, 'test/console', (file) => {
      if (file.endsWith('.spec.ts') && /\/shop\b/.test(tree.read(file, 'utf8') ?? '')) journeys.push(file);
    });
  return journeys.sort();
}
