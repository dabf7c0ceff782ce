import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, normalize } from 'node:path';
import ts from 'typescript';

export interface Reached {
  /** Folders of the workspace's own packages by their names: the program's app, and the libraries. */
  readonly projects: ReadonlyMap<string, string>;
  /** Packages of npm that some module of those names itself. */
  readonly packages: ReadonlySet<string>;
}

interface Manifest {
  readonly name: string;
  readonly exports?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** Follows imports, `import()` and `require` with a literal through built modules, from one file on. Paths are relative to the workspace. */
export function reachedFrom(workspace: string, entry: string): Reached {
  const manifestOf = (folder: string) =>
    JSON.parse(readFileSync(join(workspace, folder, 'package.json'), 'utf8')) as Manifest;
  const scope = `@${manifestOf('.').name}/`;
  const projectOf = (file: string) => file.split('/', 2).join('/');
  const projects = new Map([[manifestOf(projectOf(entry)).name, projectOf(entry)]]);
  const packages = new Set<string>();
  const seen = new Set<string>();
  const waiting = [entry];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    for (const specifier of specifiersIn(readFileSync(join(workspace, file), 'utf8'))) {
      if (specifier.startsWith('.')) waiting.push(normalize(join(dirname(file), specifier)));
      else if (specifier.startsWith(scope)) {
        const [, name = '', ...path] = specifier.split('/');
        const folder = join('libs', name);
        const manifest = manifestOf(folder);
        const target = manifest.exports?.[['.', ...path].join('/')]?.default;
        if (target === undefined)
          throw new Error(`${file} imports ${specifier}, which ${folder}/package.json does not export`);
        projects.set(manifest.name, folder);
        waiting.push(normalize(join(folder, target)));
      } else if (!isBuiltin(specifier)) packages.add(packageOf(specifier));
    }
  }
  return { projects, packages };
}

const specifiersIn = (text: string): readonly string[] => [
  ...ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName),
  ...[...text.matchAll(numberedRequire)].map(([, specifier = '']) => specifier),
];

/** A bundle gives each module's own `require` a number. */
const numberedRequire = /\brequire\d+\(["']([^"']+)["']\)/g;

/** `@nestjs/common/enums` is in `@nestjs/common`. */
const packageOf = (specifier: string): string =>
  specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
