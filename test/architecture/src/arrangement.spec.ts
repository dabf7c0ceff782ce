import { describe, expect, it } from '@jest/globals';
import { importedPath, parseSource, sources, type Source } from './typescript-source.ts';
import { isTest } from './workspace.ts';

const core = 'libs/streaming-core/src/';

const foundation = ['runtime', 'contract', 'protocol', 'records'];
const serverWing = ['log', 'coordinators', 'broker'];
const servicesWing = [
  'client',
  'postgres',
  'messaging/outbox',
  'messaging/consumer',
  'messaging/external-calls',
];

/**
 * The folders from which the files of each folder may import, in addition to their own. There is
 * one foundation, with two wings on it.
 */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  runtime: [],
  contract: ['runtime'],
  protocol: ['runtime'],
  records: ['runtime', 'protocol'],

  log: foundation,
  coordinators: [...foundation, 'log'],
  broker: [...foundation, 'log', 'coordinators'],

  client: foundation,
  postgres: ['runtime', 'contract'],
  'messaging/outbox': [...foundation, 'client', 'postgres'],
  'messaging/consumer': [...foundation, 'client', 'postgres', 'messaging/outbox'],
  'messaging/external-calls': [...foundation, 'postgres', 'messaging/outbox', 'messaging/consumer'],
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

function reachedFrom(start: string, imports: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const reached = new Set(imports.get(start));
  for (const path of reached) for (const next of imports.get(path) ?? []) reached.add(next);
  return reached;
}

/** Groups of files that import each other in a circle, each group once. */
function circles(all: readonly Source[]): readonly string[] {
  const imports = importsOf(all);
  const reached = new Map([...imports.keys()].map((path) => [path, reachedFrom(path, imports)]));
  const inCircles = [...reached].filter(([path, others]) => others.has(path));
  const found = inCircles.map(([path, others]) =>
    [...others]
      .filter((other) => reached.get(other)?.has(path))
      .sort()
      .join(', '),
  );
  return [...new Set(found)].map(
    (files) => `${files}: import each other: move what both need to its own file`,
  );
}

const folderOf = (path: string): string | undefined =>
  Object.keys(mayImport).find((folder) => path.startsWith(`${core}${folder}/`));

interface Arrow {
  readonly path: string;
  readonly from: string;
  readonly target: string;
  readonly to: string;
}

/** Imports from one folder of streaming-core into another. */
const arrowsOf = (all: readonly Source[]): readonly Arrow[] =>
  [...importsOf(all)].flatMap(([path, targets]) =>
    targets.flatMap((target) => {
      const from = folderOf(path);
      const to = folderOf(target);
      return from === undefined || to === undefined ? [] : [{ path, from, target, to }];
    }),
  );

const againstTheOrder = (all: readonly Source[]): readonly string[] =>
  arrowsOf(all)
    .filter(({ from, to }) => from !== to && mayImport[from]?.includes(to) !== true)
    .map(
      ({ path, from, target }) => `${path}: imports ${target}: ${from} may import ${String(mayImport[from])}`,
    );

const fromServicesToServer = (all: readonly Source[]): readonly string[] =>
  arrowsOf(all)
    .filter(({ from, to }) => servicesWing.includes(from) && serverWing.includes(to))
    .map(
      ({ path, target }) => `${path}: imports ${target}: services may reach the log only over its protocol`,
    );

const withoutFolder = (all: readonly Source[]): readonly string[] =>
  produced(all)
    .map(({ path }) => path)
    .filter((path) => path.startsWith(core) && folderOf(path) === undefined);

const importing = (path: string, specifier: string) =>
  parseSource(`${core}${path}`, `import type { x } from '${specifier}';`);

describe('the arrangement of files', () => {
  it('has no circle', () => {
    expect(circles(sources)).toEqual([]);
  });

  it('reports a circle, even if it consists only of types', () => {
    const circle = [
      importing('log/a.ts', './b.ts'),
      importing('log/b.ts', './c.ts'),
      importing('log/c.ts', './a.ts'),
    ];
    const beside = importing('log/d.ts', './a.ts');
    expect(circles([...circle, beside])).toEqual([
      expect.stringContaining(`${core}log/a.ts, ${core}log/b.ts, ${core}log/c.ts: import each other`),
    ]);
    expect(circles([importing('log/a.ts', './a.ts')])).toHaveLength(1);
    expect(circles([importing('log/a.ts', './b.ts'), beside])).toEqual([]);
  });
});

describe('streaming-core', () => {
  it('has each file in one of the ordered folders', () => {
    expect(withoutFolder(sources)).toEqual([]);
  });

  it('has no import against the order of its folders', () => {
    expect(againstTheOrder(sources)).toEqual([]);
  });

  it("has no import from the services' wing into the server's wing", () => {
    expect(fromServicesToServer(sources)).toEqual([]);
  });

  it('is reported if it has such a file or import', () => {
    expect(withoutFolder([importing('odds/a.ts', './b.ts')])).toHaveLength(1);
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
    for (const fault of faults) expect(againstTheOrder([fault])).toHaveLength(1);
    for (const folder of servicesWing) {
      const up = folder.includes('/') ? '../..' : '..';
      expect(fromServicesToServer([importing(`${folder}/a.ts`, `${up}/log/b.ts`)])).toHaveLength(1);
    }
    expect(againstTheOrder([importing('broker/a.ts', '../log/b.ts')])).toEqual([]);
    expect(againstTheOrder([importing('messaging/outbox/a.ts', '../../records/b.ts')])).toEqual([]);
  });
});
