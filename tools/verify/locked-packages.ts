import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface LockedPackage {
  readonly version?: string;
  readonly integrity?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** The installed packages by their path, such as `node_modules/pg`. */
export type Lock = Readonly<Record<string, LockedPackage>>;

export const readLock = (workspace: string): Lock =>
  (JSON.parse(readFileSync(join(workspace, 'package-lock.json'), 'utf8')) as { readonly packages: Lock })
    .packages;

/**
 * Returns the exact versions of these npm packages and of all that they depend on: one line for
 * each, sorted. Throws for a package that the lock does not have.
 */
export function lockedPackages(packages: Lock, names: Iterable<string>): readonly string[] {
  const waiting = [...names].map((name) => {
    const path = installedFor('', name, packages);
    if (path === undefined)
      throw new Error(`package-lock.json has no package ${name}: run npm install after adding it`);
    return path;
  });
  const reached = new Set<string>();
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (reached.has(path)) continue;
    reached.add(path);
    waiting.push(...neededBy(path, packages));
  }
  return [...reached].sort().map((path) => {
    const { version, integrity } = packages[path]!;
    return `${path} ${version} ${integrity}`;
  });
}

/** The paths of a package's dependencies. Those that are optional may not be in the lock. */
function neededBy(path: string, packages: Lock): readonly string[] {
  const { dependencies, optionalDependencies, peerDependencies } = packages[path]!;
  return Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies }).flatMap(
    (name) => installedFor(path, name, packages) ?? [],
  );
}

/** Finds a package as Node does: beside the package that needs it, then in each folder above. */
function installedFor(path: string, name: string, packages: Lock): string | undefined {
  const candidate = path === '' ? `node_modules/${name}` : `${path}/node_modules/${name}`;
  if (candidate in packages) return candidate;
  if (path === '') return undefined;
  const above = path.lastIndexOf('/node_modules/');
  return installedFor(above === -1 ? '' : path.slice(0, above), name, packages);
}
