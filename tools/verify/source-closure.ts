import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import ts from 'typescript';
import { workspace } from '../workspace.ts';

interface Manifest {
  readonly name: string;
  readonly exports?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

const manifestOf = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(workspace, folder, 'package.json'), 'utf8')) as Manifest;

const scope = `@${manifestOf('.').name}/`;
const projectOf = (file: string): string => file.split('/', 2).join('/');

/** Folders of the workspace's packages by name. */
const folders: ReadonlyMap<string, string> = new Map(
  ['apps', 'libs', 'test'].flatMap((group) =>
    readdirSync(join(workspace, group), { withFileTypes: true })
      .map(({ name }) => join(group, name))
      .filter((folder) => existsSync(join(workspace, folder, 'package.json')))
      .map((folder) => [manifestOf(folder).name, folder] as const),
  ),
);

/**
 * Every source that these files import, themselves included, and the SQL migrations of the projects that these stand in:
 * what decides on the outcome of a test beside the packages of npm. Paths are relative to the workspace.
 */
export function sourceClosure(entries: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  const waiting = [...entries];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    const { importedFiles } = ts.preProcessFile(readFileSync(join(workspace, file), 'utf8'), true, true);
    for (const { fileName } of importedFiles) {
      const source = sourceOf(fileName, file);
      if (source !== undefined) waiting.push(source);
    }
  }
  const projects = new Set([...seen].map(projectOf));
  return [...seen, ...[...projects].flatMap(migrationsOf)].sort();
}

/** The file behind an import; absent for a package of npm or Node. */
function sourceOf(specifier: string, from: string): string | undefined {
  if (specifier.startsWith('.')) return normalize(join(dirname(from), specifier));
  if (!specifier.startsWith(scope)) return undefined;
  const [, , ...path] = specifier.split('/');
  const folder = folders.get(specifier.split('/', 2).join('/'));
  const entry =
    folder && manifestOf(folder).exports?.[['.', ...path].join('/')]?.[`${scope.slice(0, -1)}/source`];
  if (folder === undefined || entry === undefined)
    throw new Error(`${from} imports ${specifier}, which no package of the workspace exports`);
  return normalize(join(folder, entry));
}

const migrationsOf = (project: string): readonly string[] =>
  ['migrations', 'src/migrations'].flatMap((folder) => {
    const path = join(project, folder);
    if (!existsSync(join(workspace, path))) return [];
    return readdirSync(join(workspace, path), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.sql'))
      .map((name) => join(path, name));
  });

/** One hash over names and contents. */
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
