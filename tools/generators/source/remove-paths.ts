import { posix } from 'node:path';
import { readJson, updateJson, visitNotIgnoredFiles, type Tree } from '@nx/devkit';
import { deleteWithUses } from './delete-with-uses.ts';

interface Package {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

interface References {
  readonly references?: ReadonlyArray<{ readonly path: string }>;
}

interface Lock {
  readonly packages: Readonly<Record<string, Package>>;
}

const packageAt = (tree: Tree, project: string): Package =>
  readJson<Package>(tree, `${project}/package.json`);

/** The folders of all packages of the workspace. */
const projectsOf = (tree: Tree): readonly string[] =>
  ['apps', 'libs', 'test']
    .flatMap((group) => tree.children(group).map((name) => `${group}/${name}`))
    .filter((folder) => tree.exists(`${folder}/package.json`));

/**
 * Deletes those of these files and folders that exist, also whole projects, with what uses them in
 * code, in the build and in the lock file.
 */
export function removePaths(tree: Tree, paths: readonly string[]): void {
  const deleted = projectsOf(tree).filter((project) => paths.includes(project));
  const packages = deleted.map((project) => packageAt(tree, project).name);
  deleteWithUses(
    tree,
    paths.flatMap((path) => (tree.exists(path) ? filesIn(tree, path) : [])),
  );
  const changed = projectsOf(tree).filter((project) => paths.some((path) => path.startsWith(`${project}/`)));
  updateProjects(tree, { deleted, packages, changed });
}

/** A folder is deleted file by file, because a tree on the disk still finds the files of a deleted folder. */
const filesIn = (tree: Tree, path: string): readonly string[] =>
  tree.isFile(path)
    ? [path]
    : [...tree.children(path).flatMap((child) => filesIn(tree, `${path}/${child}`)), path];

interface Removed {
  /** The folders of projects that are gone. */
  readonly deleted: readonly string[];
  /** The names of their packages. */
  readonly packages: readonly string[];
  /** The folders of the projects that have lost files. */
  readonly changed: readonly string[];
}

/**
 * Takes deleted projects out of the build and the lock file, and out of the packages that have lost
 * files what these no longer export and no longer import.
 */
function updateProjects(tree: Tree, { deleted, packages, changed }: Removed): void {
  const isOfDeleted = (path: string) => deleted.some((each) => path === each || path.startsWith(`${each}/`));
  const projects = projectsOf(tree);
  const names = new Map(projects.map((folder) => [packageAt(tree, folder).name, folder]));
  const unneeded = new Map(
    changed.map(
      (folder) => [folder, [...names.keys()].filter((name) => !imports(tree, folder, name))] as const,
    ),
  );
  const isNeeded = (folder: string, name: string) =>
    !packages.includes(name) && unneeded.get(folder)?.includes(name) !== true;
  const left = (folder: string, manifest: Package): Package => ({
    ...manifest,
    ...(manifest.dependencies && {
      dependencies: entriesOf(manifest.dependencies, (name) => isNeeded(folder, name)),
    }),
    ...(manifest.devDependencies && {
      devDependencies: entriesOf(manifest.devDependencies, (name) => isNeeded(folder, name)),
    }),
    ...(manifest.exports && {
      exports: entriesOf(manifest.exports, (_, targets) => {
        const source = Object.values(targets).find((target) => target.startsWith('./src/'));
        return source === undefined || tree.exists(posix.join(folder, source));
      }),
    }),
  });
  for (const folder of projects)
    updateJson(tree, `${folder}/package.json`, (manifest: Package) => left(folder, manifest));
  updateJson(tree, 'package-lock.json', (lock: Lock) => ({
    ...lock,
    packages: Object.fromEntries(
      Object.entries(lock.packages)
        .filter(([path]) => !isOfDeleted(path) && isNeeded('', path.replace(/^node_modules\//, '')))
        .map(([path, entry]) => [path, projects.includes(path) ? left(path, entry) : entry]),
    ),
  }));
  for (const folder of ['', 'tools', ...projects]) {
    const isLeft = (path: string) =>
      !isOfDeleted(path) && !unneeded.get(folder)?.some((name) => path === names.get(name));
    for (const file of tree.children(folder).filter((name) => /^tsconfig.*\.json$/.test(name)))
      updateJson(tree, posix.join(folder, file), (config: References) => ({
        ...config,
        ...(config.references && {
          references: config.references.filter(({ path }) => isLeft(posix.join(folder, path))),
        }),
      }));
  }
}

/** True if a source or a configuration of the project names the package. */
function imports(tree: Tree, folder: string, name: string): boolean {
  const pattern = new RegExp(`(from|import\\(|import) ?'${name}['/]`);
  let isImported = false;
  visitNotIgnoredFiles(tree, folder, (path) => {
    if (/\.(tsx?|mjs)$/.test(path)) isImported ||= pattern.test(tree.read(path, 'utf8') ?? '');
  });
  return isImported;
}

/** The entries of an object that are to be kept. */
export const entriesOf = <Value>(
  entries: Readonly<Record<string, Value>>,
  isKept: (name: string, value: Value) => boolean,
): Readonly<Record<string, Value>> =>
  Object.fromEntries(Object.entries(entries).filter(([name, value]) => isKept(name, value)));
