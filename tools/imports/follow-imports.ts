import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, normalize } from 'node:path';
import ts from 'typescript';

export interface Reached {
  /** The modules, the first ones included. */
  readonly files: ReadonlySet<string>;
  /** Folders of the workspace's own packages that the modules stand in, by the packages' names. */
  readonly projects: ReadonlyMap<string, string>;
  /** Packages of npm that some module names itself. */
  readonly packages: ReadonlySet<string>;
}

/** Which files a package of the workspace is loaded from. */
export type Loaded = 'source' | 'build';

interface Manifest {
  readonly name: string;
  readonly exports?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/**
 * Follows imports, `import()` and `require` with a literal from these modules on, through the packages of the workspace.
 * Paths are relative to the workspace.
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

  /** Throws for a package of the workspace that does not export what is imported. */
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

const specifiersIn = (text: string): readonly string[] => [
  ...ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName),
  ...[...text.matchAll(numberedRequire)].map(([, specifier = '']) => specifier),
];

/** A bundle gives each module's own `require` a number. */
const numberedRequire = /\brequire\d+\(["']([^"']+)["']\)/g;

/** `@nestjs/common/enums` is in `@nestjs/common`. */
const packageOf = (specifier: string): string =>
  specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
