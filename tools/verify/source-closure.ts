import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { followImports } from '../imports/follow-imports.ts';
import { workspace } from '../workspace.ts';

/**
 * Returns everything that decides the outcome of a test apart from npm packages: the sources that
 * these files import, the files themselves, and the SQL migrations of the projects reached. Paths
 * are relative to the workspace.
 */
export function sourceClosure(entries: readonly string[]): readonly string[] {
  const { files, projects } = followImports(workspace, entries, 'source');
  return [...files, ...[...projects.values()].flatMap(migrationsOf)].sort();
}

const migrationsOf = (project: string): readonly string[] =>
  ['migrations', 'src/migrations'].flatMap((folder) => {
    const path = join(project, folder);
    if (!existsSync(join(workspace, path))) return [];
    return readdirSync(join(workspace, path), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.sql'))
      .map((name) => join(path, name));
  });

/** Returns one hash over the names and contents of the files. */
export function hashOf(files: readonly string[], ...texts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(`${text}\0`);
  for (const file of files)
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(workspace, file)))
      .update('\0');
  return hash.digest('hex');
}
