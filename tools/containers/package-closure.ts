import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

type Names = Readonly<Record<string, string>>;

interface Manifest {
  readonly dependencies?: Names;
  readonly optionalDependencies?: Names;
  readonly peerDependencies?: Names;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

/**
 * Returns the folders in node_modules of these packages and all their dependencies, as npm has
 * installed them. An optional peer dependency (TypeORM's drivers, Nest's adapters) is included only
 * if the workspace depends on it directly. Packages that npm left out on this platform are not
 * included.
 */
export function packageClosure(workspace: string, names: ReadonlySet<string>): ReadonlySet<string> {
  const manifestOf = (folder: string) =>
    JSON.parse(readFileSync(join(workspace, folder, 'package.json'), 'utf8')) as Manifest;
  const wanted = manifestOf('.').dependencies ?? {};
  const folders = new Set<string>();
  const add = (name: string, from: string, optional: boolean): void => {
    const folder = installed(workspace, name, from);
    if (folder === undefined) {
      if (!optional) throw new Error(`${name}, which ${from} needs, is not in node_modules: run npm ci`);
      return;
    }
    if (folders.has(folder)) return;
    folders.add(folder);
    const {
      dependencies = {},
      optionalDependencies = {},
      peerDependencies = {},
      peerDependenciesMeta = {},
    } = manifestOf(folder);
    for (const each of Object.keys(dependencies)) add(each, folder, each in optionalDependencies);
    for (const each of Object.keys(optionalDependencies)) add(each, folder, true);
    for (const each of Object.keys(peerDependencies)) {
      const canDoWithout = peerDependenciesMeta[each]?.optional === true;
      if (!canDoWithout || each in wanted) add(each, folder, canDoWithout);
    }
  };
  for (const name of names) add(name, '.', false);
  return folders;
}

/**
 * The folder where Node finds the package from a module in `from`: in the nearest node_modules
 * upwards.
 */
function installed(workspace: string, name: string, from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(join(workspace, candidate, 'package.json'))) return candidate;
    if (folder === '.') return undefined;
  }
}
