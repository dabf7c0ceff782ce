import { existsSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { readJson, updateJson, type Tree } from '@nx/devkit';
import { workspaceName } from './names.ts';
import type { Registration } from './registration.ts';

interface References {
  readonly references: ReadonlyArray<{ readonly path: string }>;
}

interface Lock {
  readonly packages: Readonly<Record<string, object>>;
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

function addAppProject(tree: Tree, name: string): void {
  updateJson(tree, 'tsconfig.json', (config: References) => {
    const own = [`./apps/${name}`, `./apps/${name}/tsconfig.spec.json`].map((path) => ({ path }));
    const last = config.references.findLastIndex(({ path }) => path.startsWith('./apps/'));
    return { ...config, references: config.references.toSpliced(last + 1, 0, ...own) };
  });
  const manifest = readJson<Manifest>(tree, `apps/${name}/package.json`);
  const own = {
    name: manifest.name,
    version: manifest.version,
    dependencies: sortedDependencies(manifest.dependencies),
    devDependencies: sortedDependencies(manifest.devDependencies),
  };
  updateJson(tree, 'package-lock.json', (locked: Lock) => {
    const packages = Object.entries(locked.packages);
    insertPackage(packages, [`apps/${name}`, own]);
    insertPackage(packages, [`node_modules/${manifest.name}`, { resolved: `apps/${name}`, link: true }]);
    return { ...locked, packages: Object.fromEntries(packages) };
  });
}

function removeAppProject(tree: Tree, name: string): void {
  updateJson(tree, 'tsconfig.json', (config: References) => ({
    ...config,
    references: config.references.filter(({ path }) => !`${path}/`.startsWith(`./apps/${name}/`)),
  }));
  updateJson(tree, 'package-lock.json', (locked: Lock) => {
    const own = [`apps/${name}`, `node_modules/@${workspaceName(tree)}/${name}`];
    const packages = Object.entries(locked.packages).filter(([path]) => !own.includes(path));
    return { ...locked, packages: Object.fromEntries(packages) };
  });
}

type Entry = [path: string, value: object];

/** npm sorts the keys of its lock file by the rules of English. */
const byKey = ([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number =>
  one.localeCompare(other, 'en');

export const sortedDependencies = (
  versions: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> => Object.fromEntries(Object.entries(versions).sort(byKey));

/**
 * Inserts a package where it belongs among those of its folder. The others keep their places, which
 * are no longer those of npm once a fork was renamed.
 */
function insertPackage(packages: Entry[], own: Entry): void {
  const folder = own[0].slice(0, own[0].lastIndexOf('/') + 1);
  const next = packages.findIndex((each) => each[0].startsWith(folder) && byKey(each, own) > 0);
  const last = packages.findLastIndex(([path]) => path.startsWith(folder));
  packages.splice(next < 0 ? last + 1 : next, 0, own);
}

/** The app in the build and in the lock file, as `npm install` would have it. */
export const appProject: Registration = {
  add: (tree, { name }) => addAppProject(tree, name),
  remove: (tree, { name }) => removeAppProject(tree, name),
};

/** Links the package, as `npm install` would. */
export function linkApp(tree: Tree, name: string): void {
  const link = join(tree.root, 'node_modules', `@${workspaceName(tree)}`, name);
  if (!existsSync(dirname(link))) return; // nothing is installed yet, so `npm ci` will link it
  rmSync(link, { force: true });
  symlinkSync(relative(dirname(link), join(tree.root, 'apps', name)), link);
}

/** Removes the link, and what the build has left in the folder. */
export function unlinkApp(tree: Tree, name: string): void {
  rmSync(join(tree.root, 'node_modules', `@${workspaceName(tree)}`, name), { force: true });
  rmSync(join(tree.root, 'apps', name), { recursive: true, force: true });
}
