import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder of this workspace. */
export const workspace = join(import.meta.dirname, '../../..');

/**
 * Links the registry's packages from this workspace and the projects from a copy of it, as `npm
 * install` would.
 */
export function linkPackages(copy: string): void {
  const from = join(workspace, 'node_modules');
  const to = join(copy, 'node_modules');
  const ownScope = dirname(packageName(join(workspace, 'libs/contracts')));
  mkdirSync(to);
  for (const name of readdirSync(from).filter((each) => each !== ownScope && each !== '.cache'))
    symlinkSync(join(from, name), join(to, name));
  linkProjects(copy);
}

/** Links the projects of a copy under their names, as `npm install` would. */
export function linkProjects(copy: string): void {
  const projects = ['apps', 'libs', 'test'].flatMap((group) =>
    readdirSync(join(copy, group)).map((name) => join(copy, group, name)),
  );
  for (const project of [...projects, join(copy, 'tools/generators')]) {
    if (!existsSync(join(project, 'package.json'))) continue; // test/records
    const link = join(copy, 'node_modules', packageName(project));
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(project, link);
  }
}

/** The name of the package in a folder. */
export const packageName = (folder: string): string =>
  (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { readonly name: string }).name;
