import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { withoutExceptions } from './exceptions.ts';
import { importedPath, sources, type Source } from './typescript-source.ts';
import { isTest, projects, readText, workspace, type Project } from './workspace.ts';

const scope = '@millrace/';
const folders: ReadonlyMap<string, string> = new Map(
  projects.map(({ folder, manifest }) => [manifest.name, folder]),
);
const names: ReadonlyMap<string, string> = new Map(
  projects.map(({ folder, manifest }) => [folder, manifest.name]),
);
const firstTwo = (path: string): string => path.split('/', 2).join('/');

const importedPackages = (files: readonly Source[]): ReadonlySet<string> =>
  new Set(
    files.flatMap((file) =>
      file.imports.flatMap((specifier) => {
        if (specifier.startsWith(scope)) return [firstTwo(specifier)];
        const path = importedPath(file, specifier);
        const name =
          path === undefined || firstTwo(path) === firstTwo(file.path)
            ? undefined
            : names.get(firstTwo(path));
        return name === undefined ? [] : [name];
      }),
    ),
  );

const declared = (section: Readonly<Record<string, string>> = {}): readonly string[] =>
  Object.keys(section).filter((name) => name.startsWith(scope));

/**
 * The packages that the sources need. Integration tests also need `testing`, which their
 * configuration uses to start PostgreSQL.
 */
function needs({ folder, manifest }: Project): {
  readonly run: ReadonlySet<string>;
  readonly test: ReadonlySet<string>;
} {
  const own = sources.filter(({ path }) => path.startsWith(`${folder}/`));
  const run = importedPackages(own.filter(({ path }) => !isTest(path)));
  const usesServers =
    existsSync(join(workspace, folder, 'jest.int.config.mjs')) &&
    !readText(`${folder}/jest.int.config.mjs`).includes('globalSetup: undefined');
  const test = new Set([
    ...importedPackages(own.filter(({ path }) => isTest(path))),
    ...(usesServers ? [`${scope}testing`] : []),
  ]);
  return { run, test: new Set([...test].filter((name) => !run.has(name) && name !== manifest.name)) };
}

function declarationProblems(project: Project): readonly string[] {
  const { run, test } = needs(project);
  const { folder, manifest } = project;
  const compare = (section: string, has: readonly string[], wants: ReadonlySet<string>) => [
    ...has
      .filter((name) => !wants.has(name))
      .map((name) => `${folder} ${name}: is declared in ${section}, but no source imports it`),
    ...[...wants]
      .filter((name) => !has.includes(name))
      .map((name) => `${folder} ${name}: is imported, but not declared in ${section}`),
  ];
  return [
    ...compare('dependencies', declared(manifest.dependencies), run),
    ...compare('devDependencies', declared(manifest.devDependencies), test),
  ];
}

interface TypeScriptProject {
  readonly references?: ReadonlyArray<{ readonly path: string }>;
}

/**
 * Finds missing and superfluous references. A build order that TypeScript does not know fails only
 * on a clean checkout.
 */
function referenceProblems({ folder, manifest }: Project): readonly string[] {
  const { dependencies, devDependencies } = manifest;
  const own = declared(
    folder.startsWith('test/') ? { ...dependencies, ...devDependencies } : dependencies,
  ).map(folderOf);
  const file = `${folder}/tsconfig.json`;
  const has = referencesOf(file);
  return [
    ...own
      .filter((path) => !has.includes(path))
      .map((path) => `${file}: has no reference to ${path}, its dependency`),
    ...has
      .filter((path) => !own.includes(path))
      .map((path) => `${file}: refers to ${path}, which is not a dependency`),
    ...testReferenceProblems(folder, declared(devDependencies).map(folderOf), own),
  ];
}

/**
 * Finds missing and superfluous references of tests. They must refer to what they test and to what
 * only they use, and may refer to what their project uses.
 */
function testReferenceProblems(
  folder: string,
  needed: readonly string[],
  allowed: readonly string[],
): readonly string[] {
  const file = `${folder}/tsconfig.spec.json`;
  if (!existsSync(join(workspace, file))) return [];
  const has = referencesOf(file);
  const wants = [`${folder}/tsconfig.json`, ...needed];
  return [
    ...wants.filter((path) => !has.includes(path)).map((path) => `${file}: has no reference to ${path}`),
    ...has
      .filter((path) => ![...wants, ...allowed, `${folder}/tsconfig.page.json`].includes(path))
      .map((path) => `${file}: refers to ${path}, which is not a dependency`),
  ];
}

const referencesOf = (file: string): readonly string[] =>
  ((JSON.parse(readText(file)) as TypeScriptProject).references ?? []).map(({ path }) =>
    normalize(join(dirname(file), path)),
  );

const folderOf = (name: string): string => folders.get(name) ?? name;

describe('packages', () => {
  it('declare exactly what their sources import of each other', () => {
    expect(withoutExceptions('declared packages', projects.flatMap(declarationProblems))).toEqual([]);
  });

  it('have a TypeScript reference for each dependency, and no other', () => {
    expect(projects.flatMap(referenceProblems)).toEqual([]);
  });

  it('are all part of the build, because the root refers to each of them', () => {
    const has = referencesOf('tsconfig.json');
    expect(projects.map(({ folder }) => folder).filter((folder) => !has.includes(folder))).toEqual([]);
  });

  it('are reported for a superfluous or missing declaration', () => {
    const saga = projects.find(({ folder }) => folder === 'libs/saga');
    const manifest = { name: '@millrace/saga', dependencies: { '@millrace/contracts': '0.1.0' } };
    const problems = declarationProblems({ folder: 'libs/saga', manifest });
    expect(saga).toBeDefined();
    expect(problems).toContain(
      'libs/saga @millrace/contracts: is declared in dependencies, but no source imports it',
    );
    expect(problems).toContain(
      'libs/saga @millrace/event-sourcing: is imported, but not declared in dependencies',
    );
    expect(referenceProblems({ folder: 'libs/saga', manifest })).toContain(
      'libs/saga/tsconfig.json: has no reference to libs/contracts, its dependency',
    );
  });
});
