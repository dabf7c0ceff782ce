import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, normalize } from 'node:path';
import ts from 'typescript';

export interface Reached {
  /** All modules that were reached, including the entries. */
  readonly files: ReadonlySet<string>;
  /** The folders of the workspace's packages that contain these modules, by package name. */
  readonly projects: ReadonlyMap<string, string>;
  /** The npm packages that the modules import directly. */
  readonly packages: ReadonlySet<string>;
}

/** Whether the workspace's packages are resolved to their sources or their builds. */
export type Loaded = 'source' | 'build';

interface Manifest {
  readonly name: string;
  readonly exports?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/**
 * Follows imports, `import()` and `require` with a literal, from these entries through the
 * workspace's packages. Paths are relative to the workspace.
 */
export function followImports(workspace: string, entries: readonly string[], loaded: Loaded): Reached {
  const manifestOf = (folder: string) =>
    JSON.parse(readFileSync(join(workspace, folder, 'package.json'), 'utf8')) as Manifest;
  const scope = `@${manifestOf('.').name}`;
  const condition = loaded === 'source' ? `${scope}/source` : 'default';
  const manifests = new Map(foldersOf(workspace).map((folder) => [folder, manifestOf(folder)]));
  const folders = new Map([...manifests].map(([folder, { name }]) => [name, folder]));
  const files = new Set<string>();
  const projects = new Map<string, string>();
  const packages = new Set<string>();
  const waiting = [...entries];

  /**
   * Returns the file that a package of the workspace exports under this name. Throws if there is
   * none.
   */
  function exported(specifier: string, file: string): string {
    const [, , ...path] = specifier.split('/');
    const folder = folders.get(specifier.split('/', 2).join('/'));
    const target = folder && manifests.get(folder)?.exports?.[['.', ...path].join('/')]?.[condition];
    if (folder === undefined || target === undefined)
      throw new Error(`${file} imports ${specifier}, which no package of the workspace exports`);
    return normalize(join(folder, target));
  }

  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (files.has(file)) continue;
    files.add(file);
    const project = file.split('/', 2).join('/');
    const name = manifests.get(project)?.name;
    if (name !== undefined) projects.set(name, project);
    for (const specifier of specifiersIn(readFileSync(join(workspace, file), 'utf8'))) {
      if (specifier.startsWith('.')) waiting.push(normalize(join(dirname(file), specifier)));
      else if (specifier.startsWith(`${scope}/`)) waiting.push(exported(specifier, file));
      else if (!isBuiltin(specifier)) packages.add(packageOf(specifier));
    }
  }
  return { files, projects, packages };
}

const foldersOf = (workspace: string): readonly string[] =>
  ['apps', 'libs', 'test']
    .filter((group) => existsSync(join(workspace, group)))
    .flatMap((group) => readdirSync(join(workspace, group)).map((name) => join(group, name)))
    .filter((folder) => existsSync(join(workspace, folder, 'package.json')));

/** The specifiers of each text. Many entries lead to the same files, so each is parsed only once. */
const read = new Map<string, readonly string[]>();

function specifiersIn(text: string): readonly string[] {
  const specifiers = read.get(text) ?? [
    ...ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName),
    ...[...text.matchAll(numberedRequire)].map(([, specifier = '']) => specifier),
  ];
  read.set(text, specifiers);
  return specifiers;
}

/** Matches the numbered `require` functions that a bundler writes. */
const numberedRequire = /\brequire\d+\(["']([^"']+)["']\)/g;

/** The package of a specifier: `@nestjs/common` for `@nestjs/common/enums`. */
const packageOf = (specifier: string): string =>
  specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
