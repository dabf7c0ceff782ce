import { describe, expect, it } from '@jest/globals';
import { withoutExceptions } from './exceptions.ts';
import { importedPath, parseSource, sources, type Source } from './typescript-source.ts';
import { isTest } from './workspace.ts';

const core = 'libs/streaming-core/src/';
const serverWing = ['log', 'coordinators', 'broker'];
const servicesWing = ['client', 'postgres', 'personal', 'messaging'];

const produced = (all: readonly Source[]) => all.filter(({ path }) => !isTest(path));

/** The files that each file imports, types included, by path. */
const importsOf = (all: readonly Source[]): ReadonlyMap<string, readonly string[]> =>
  new Map(
    produced(all).map((source) => [
      source.path,
      source.imports.flatMap((specifier) => importedPath(source, specifier) ?? []),
    ]),
  );

/** The arrows inside one folder: which of its files and subfolders import which of the others. */
type FolderArrows = Map<string, Set<string>>;

/**
 * An import is an arrow in the folder that contains both files. It leads from the file or subfolder
 * that imports to the one that holds the imported file.
 */
function arrowsByFolder(all: readonly Source[]): ReadonlyMap<string, FolderArrows> {
  const folders = new Map<string, FolderArrows>();
  for (const [path, targets] of importsOf(all))
    for (const target of targets) {
      const from = path.split('/');
      const to = target.split('/');
      const differsAt = from.findIndex((name, index) => name !== to[index]);
      const folder = (differsAt === -1 ? from.slice(0, -1) : from.slice(0, differsAt)).join('/');
      const importer = from[differsAt] ?? from.at(-1)!;
      const imported = to[differsAt] ?? to.at(-1)!;
      const arrows = folders.get(folder) ?? new Map<string, Set<string>>();
      folders.set(folder, arrows.set(importer, (arrows.get(importer) ?? new Set()).add(imported)));
    }
  return folders;
}

function reachedFrom(start: string, arrows: FolderArrows): ReadonlySet<string> {
  const reached = new Set(arrows.get(start));
  for (const name of reached) for (const next of arrows.get(name) ?? []) reached.add(next);
  return reached;
}

/** Groups of files and folders that import each other in a circle, each group once. */
const circles = (all: readonly Source[]): readonly string[] =>
  [...arrowsByFolder(all)].flatMap(([folder, arrows]) => {
    const reached = new Map([...arrows.keys()].map((name) => [name, reachedFrom(name, arrows)]));
    const found = [...reached]
      .filter(([name, others]) => others.has(name))
      .map(([name, others]) =>
        [...others]
          .filter((other) => reached.get(other)?.has(name))
          .sort()
          .join(', '),
      );
    return [...new Set(found)].map(
      (names) => `${folder}: ${names} import each other: move what both need below them`,
    );
  });

const isIn = (folders: readonly string[], path: string): boolean =>
  folders.some((folder) => path.startsWith(`${core}${folder}/`));

const fromServicesToServer = (all: readonly Source[]): readonly string[] =>
  [...importsOf(all)].flatMap(([path, targets]) =>
    targets
      .filter((target) => isIn(servicesWing, path) && isIn(serverWing, target))
      .map((target) => `${path}: imports ${target}: services may reach the log only over its protocol`),
  );

const importing = (path: string, specifier: string) =>
  parseSource(`${core}${path}`, `import type { x } from '${specifier}';`);

describe('the arrangement of files', () => {
  it('lets the files and folders of every folder form a directed acyclic graph', () => {
    expect(withoutExceptions('folders form a DAG', circles(sources))).toEqual([]);
  });

  it('reports a circle of files, even if it consists only of types', () => {
    const circle = [
      importing('log/a.ts', './b.ts'),
      importing('log/b.ts', './c.ts'),
      importing('log/c.ts', './a.ts'),
    ];
    const beside = importing('log/d.ts', './a.ts');
    expect(circles([...circle, beside])).toEqual([
      'libs/streaming-core/src/log: a.ts, b.ts, c.ts import each other: move what both need below them',
    ]);
    expect(circles([importing('log/a.ts', './a.ts')])).toHaveLength(1);
    expect(circles([importing('log/a.ts', './b.ts'), beside])).toEqual([]);
  });

  it('reports a circle of folders, although no file imports itself', () => {
    const down = importing('log/disk/a.ts', '../segments/b.ts');
    const up = importing('log/segments/c.ts', '../disk/d.ts');
    const through = importing('log/segments/c.ts', '../rules.ts');
    const back = importing('log/rules.ts', './segments/e.ts');
    expect(circles([down])).toEqual([]);
    expect(circles([down, up])).toEqual([expect.stringMatching(/log: disk, segments import each other/)]);
    expect(circles([through, back])).toEqual([expect.stringMatching(/log: rules\.ts, segments import/)]);
  });
});

describe('streaming-core', () => {
  it("has no import from the services' wing into the server's wing", () => {
    expect(fromServicesToServer(sources)).toEqual([]);
  });

  it('is reported if it has such an import', () => {
    for (const folder of servicesWing)
      expect(fromServicesToServer([importing(`${folder}/a.ts`, '../log/b.ts')])).toHaveLength(1);
    expect(fromServicesToServer([importing('broker/a.ts', '../log/b.ts')])).toEqual([]);
  });
});
