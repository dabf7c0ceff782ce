import { formatFiles, updateJson, visitNotIgnoredFiles, type GeneratorCallback, type Tree } from '@nx/devkit';
import { deleteWithUses } from '../source/delete-with-uses.ts';
import { editFile, withoutLines } from '../source/edit-text.ts';
import { workspaceName } from '../source/names.ts';

const app = 'apps/console';
const folder = `${app}/src/shop`;

/** Removes the sample business from the console, which shows everything else of any system. */
export default async function removeConsoleShop(tree: Tree): Promise<GeneratorCallback> {
  if (!tree.exists(folder)) throw new Error(`the console has no shop any more: there is no ${folder}`);
  deleteWithUses(tree, [folder]);
  editFile(tree, `${app}/src/page/style.css`, (text) => withoutLines(text, /^@import '..\/shop\//));
  const books = `@${workspaceName(tree)}/books`;
  const withoutBooks = (manifest: Manifest): Manifest => ({
    ...manifest,
    dependencies: withoutKey(manifest.dependencies, books),
  });
  updateJson(tree, `${app}/package.json`, withoutBooks);
  updateJson(tree, `${app}/tsconfig.json`, ({ references, ...others }: References) => ({
    ...others,
    references: references.filter(({ path }) => !path.endsWith('/books')),
  }));
  updateJson(tree, 'package-lock.json', ({ packages, ...others }: Lock) => ({
    ...others,
    packages: { ...packages, [app]: withoutBooks(packages[app] ?? { dependencies: {} }) },
  }));
  await formatFiles(tree);
  const journeys = journeysToTheShop(tree);
  return () => {
    if (journeys.length > 0)
      console.log(
        `\nThese journeys visit the shop's pages: change or delete them.\n  ${journeys.join('\n  ')}`,
      );
  };
}

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
}

interface References {
  readonly references: ReadonlyArray<{ readonly path: string }>;
}

interface Lock {
  readonly packages: Readonly<Record<string, Manifest>>;
}

const withoutKey = (entries: Readonly<Record<string, string>>, key: string) =>
  Object.fromEntries(Object.entries(entries).filter(([name]) => name !== key));

/** The tests in a browser that visit the shop. Only a person can say what they should show instead. */
function journeysToTheShop(tree: Tree): readonly string[] {
  const journeys: string[] = [];
  if (tree.exists('test/console'))
    visitNotIgnoredFiles(tree, 'test/console', (file) => {
      if (file.endsWith('.spec.ts') && /\/shop\b/.test(tree.read(file, 'utf8') ?? '')) journeys.push(file);
    });
  return journeys.sort();
}
