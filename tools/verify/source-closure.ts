import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { followImports } from '../imports/follow-imports.ts';
import { workspace } from '../workspace.ts';

/** Everything that decides the outcome of a test. */
export interface SourceClosure {
  /**
   * The test, the sources that it imports, and the SQL migrations of the projects reached, relative
   * to the workspace.
   */
  readonly files: readonly string[];
  /** The npm packages that these files import directly. */
  readonly packages: ReadonlySet<string>;
}

export function sourceClosure(entries: readonly string[]): SourceClosure {
  const { files, projects, packages } = followImports(workspace, entries, 'source');
  return { files: [...files, ...[...projects.values()].flatMap(migrationsOf)].sort(), packages };
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
