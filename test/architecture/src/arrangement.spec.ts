import { describe, expect, it } from '@jest/globals';
import { withoutExceptions } from './exceptions.ts';
import { importedPath, parseSource, sources, type Source } from './typescript-source.ts';
import { isTest } from './workspace.ts';

const foundation = ['runtime', 'contract', 'protocol', 'records'];
const serverWing = ['log', 'coordinators', 'broker'];
const servicesWing = [
  'client',
  'postgres',
  'personal',
  'messaging/outbox',
  'messaging/consumer',
  'messaging/external-calls',
];

/**
 * A library whose folders are ordered. Each folder has those from which its files may import, in
 * addition to their own. Files beside the folders are entry points and may import anything.
 */
interface Arrangement {
  readonly root: string;
  readonly mayImport: Readonly<Record<string, readonly string[]>>;
  readonly entryPoints: readonly string[];
}

/** There is one foundation, with two wings on it. */
const core: Arrangement = {
  root: 'libs/streaming-core/src/',
  entryPoints: [],
  mayImport: {
    runtime: [],
    contract: ['runtime'],
    protocol: ['runtime'],
    records: ['runtime', 'protocol'],

    log: foundation,
    coordinators: [...foundation, 'log'],
    broker: [...foundation, 'log', 'coordinators'],

    client: foundation,
    postgres: ['runtime', 'contract'],
    personal: ['runtime', 'contract', 'postgres'],
    'messaging/outbox': [...foundation, 'client', 'postgres', 'personal'],
    'messaging/consumer': [...foundation, 'client', 'postgres', 'personal', 'messaging/outbox'],
    'messaging/external-calls': [
      ...foundation,
      'postgres',
      'personal',
      'messaging/outbox',
      'messaging/consumer',
    ],
  },
};

const words = ['processor', 'serdes'];
const task = [...words, 'state', 'topology'];

/** A task knows neither the DSL nor the broker, so that the test driver and the runtime share it. */
const streams: Arrangement = {
  root: 'libs/streams/src/',
  entryPoints: ['index.ts', 'test-driver.ts'],
  mayImport: {
    processor: [],
    serdes: ['processor'],
    state: words,
    nodes: [...words, 'state'],
    topology: [...words, 'state'],
    task,
    dsl: [...task, 'nodes'],
    assignment: task,
    reset: [],
    queries: ['processor', 'state'],
    runtime: [...task, 'task', 'assignment', 'queries'],
    testing: [...task, 'task', 'queries'],
  },
};

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

const folderOf = ({ root, mayImport }: Arrangement, path: string): string | undefined =>
  Object.keys(mayImport).find((folder) => path.startsWith(`${root}${folder}/`));

interface Arrow {
  readonly path: string;
  readonly from: string;
  readonly target: string;
  readonly to: string;
}

const arrowsOf = (library: Arrangement, all: readonly Source[]): readonly Arrow[] =>
  [...importsOf(all)].flatMap(([path, targets]) =>
    targets.flatMap((target) => {
      const from = folderOf(library, path);
      const to = folderOf(library, target);
      return from === undefined || to === undefined ? [] : [{ path, from, target, to }];
    }),
  );

const againstTheOrder = (library: Arrangement, all: readonly Source[]): readonly string[] =>
  arrowsOf(library, all)
    .filter(({ from, to }) => from !== to && library.mayImport[from]?.includes(to) !== true)
    .map(
      ({ path, from, target }) =>
        `${path}: imports ${target}: ${from} may import ${String(library.mayImport[from])}`,
    );

const fromServicesToServer = (all: readonly Source[]): readonly string[] =>
  arrowsOf(core, all)
    .filter(({ from, to }) => servicesWing.includes(from) && serverWing.includes(to))
    .map(
      ({ path, target }) => `${path}: imports ${target}: services may reach the log only over its protocol`,
    );

const withoutFolder = (library: Arrangement, all: readonly Source[]): readonly string[] =>
  produced(all)
    .map(({ path }) => path)
    .filter((path) => path.startsWith(library.root) && folderOf(library, path) === undefined)
    .filter((path) => !library.entryPoints.includes(path.slice(library.root.length)));

const importingIn =
  ({ root }: Arrangement) =>
  (path: string, specifier: string) =>
    parseSource(`${root}${path}`, `import type { x } from '${specifier}';`);

const importing = importingIn(core);

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

describe.each([
  ['streaming-core', core],
  ['streams', streams],
])('%s', (_name, library) => {
  it('has each file in one of the ordered folders', () => {
    expect(withoutFolder(library, sources)).toEqual([]);
  });

  it('has no import against the order of its folders', () => {
    expect(againstTheOrder(library, sources)).toEqual([]);
  });
});

describe('streaming-core', () => {
  it("has no import from the services' wing into the server's wing", () => {
    expect(fromServicesToServer(sources)).toEqual([]);
  });

  it('is reported if it has such a file or import', () => {
    expect(withoutFolder(core, [importing('odds/a.ts', './b.ts')])).toHaveLength(1);
    const faults = [
      importing('runtime/a.ts', '../contract/b.ts'),
      importing('records/a.ts', '../log/b.ts'),
      importing('log/a.ts', '../coordinators/groups/b.ts'),
      importing('coordinators/groups/a.ts', '../../broker/b.ts'),
      importing('broker/a.ts', '../client/b.ts'),
      importing('client/a.ts', '../postgres/b.ts'),
      importing('postgres/a.ts', '../messaging/outbox/b.ts'),
      importing('messaging/outbox/a.ts', '../consumer/b.ts'),
    ];
    for (const fault of faults) expect(againstTheOrder(core, [fault])).toHaveLength(1);
    for (const folder of servicesWing) {
      const up = folder.includes('/') ? '../..' : '..';
      expect(fromServicesToServer([importing(`${folder}/a.ts`, `${up}/log/b.ts`)])).toHaveLength(1);
    }
    expect(againstTheOrder(core, [importing('broker/a.ts', '../log/b.ts')])).toEqual([]);
    expect(againstTheOrder(core, [importing('messaging/outbox/a.ts', '../../records/b.ts')])).toEqual([]);
  });
});

describe('streams', () => {
  it('is reported if it has a file elsewhere, or an import against the order', () => {
    const importingHere = importingIn(streams);
    expect(withoutFolder(streams, [importingHere('odds/a.ts', './b.ts')])).toHaveLength(1);
    expect(withoutFolder(streams, [importingHere('index.ts', './dsl/b.ts')])).toEqual([]);
    const faults = [
      importingHere('processor/a.ts', '../state/b.ts'),
      importingHere('nodes/a.ts', '../topology/b.ts'),
      importingHere('task/a.ts', '../dsl/b.ts'),
      importingHere('dsl/operations/a.ts', '../../task/b.ts'),
      importingHere('testing/a.ts', '../runtime/b.ts'),
    ];
    for (const fault of faults) expect(againstTheOrder(streams, [fault])).toHaveLength(1);
    expect(againstTheOrder(streams, [importingHere('runtime/a.ts', '../task/b.ts')])).toEqual([]);
  });
});
