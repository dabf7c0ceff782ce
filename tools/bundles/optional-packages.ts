import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

/**
 * Lists the packages that others can do without (TypeORM's drivers, Nest's adapters) and that
 * nothing depends on. A bundle leaves them out, as images do. An import of one finds it in
 * node_modules if it is installed.
 */
export function optionalPackages(workspace: string): readonly string[] {
  const read = (file: string): unknown => JSON.parse(readFileSync(join(workspace, file), 'utf8'));
  const { packages } = read('package-lock.json') as { readonly packages: Readonly<Record<string, Manifest>> };
  const manifests = Object.values(packages);
  const needed = new Set(
    manifests.flatMap(({ dependencies, optionalDependencies }) =>
      Object.keys({ ...dependencies, ...optionalDependencies }),
    ),
  );
  const optional = manifests.flatMap(({ peerDependenciesMeta }) =>
    Object.entries(peerDependenciesMeta ?? {}).flatMap(([name, meta]) => (meta.optional ? [name] : [])),
  );
  return [...new Set(optional)].filter((name) => !needed.has(name));
}
