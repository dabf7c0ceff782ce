import { describe, expect, it } from '@jest/globals';
import { withoutExceptions } from './exceptions.ts';
import { importedPath, parseSource, sources, type Source } from './typescript-source.ts';
import { isTest, projects } from './workspace.ts';

/**
 * Libraries that import neither the framework nor the telemetry. They publish on
 * `node:diagnostics_channel`.
 */
const plainLibrary =
  /^libs\/(streaming-core|streams|personal-data|event-sourcing|saga|operations)\/src\/(?!controllers)/;
const frameworks = /^@(nestjs|opentelemetry)\//;
const pureFolder = /^apps\/([^/]+)\/src\/(domain|fulfillment)\//;
const allowedInPureFolders = /^(@millrace\/(contracts|event-sourcing|saga)|zod)$/;
const impureCalls: ReadonlySet<string> = new Set([
  'Date.now',
  'performance.now',
  'Math.random',
  'setTimeout',
  'setInterval',
]);
const timerModules = /^(node:)?timers(\/promises)?$/;

interface Rule {
  readonly applies: (source: Source) => boolean;
  readonly forbids: (specifier: string, source: Source) => boolean;
  readonly because: string;
}

const rules = {
  'libraries below the controllers import neither Nest nor OpenTelemetry': {
    applies: ({ path }) => plainLibrary.test(path),
    forbids: (specifier) => frameworks.test(specifier),
    because: 'publish on node:diagnostics_channel, or move this to service-chassis',
  },
  'no library but the books imports the contracts': {
    applies: ({ path }) => /^libs\/(?!(contracts|books)\/)/.test(path),
    forbids: (specifier) => packageOf(specifier) === '@millrace/contracts',
    because: 'pass topics and schemas in, so that a fork can replace its domain without touching a library',
  },
  'the contracts import only zod and the contract entry point': {
    applies: ({ path }) => path.startsWith('libs/contracts/') && !isTest(path),
    forbids: (specifier) =>
      !specifier.startsWith('.') && !['zod', '@millrace/streaming-core/contract'].includes(specifier),
    because: 'a program that reads a message type must load nothing else of the platform',
  },
  'no service loads an engine': {
    applies: ({ path }) =>
      /^(apps|libs)\//.test(path) &&
      !/^(apps\/broker|libs\/(streaming-core|testing))\//.test(path) &&
      !isTest(path),
    forbids: (specifier, { path }) =>
      // A restore runs the broker on the copied log, as it runs PostgreSQL, before anything else does.
      (specifier === '@millrace/streaming-core/broker' && !path.startsWith('apps/stack/src/backup/')) ||
      (/^@millrace\/embedded-/.test(specifier) && !path.startsWith('apps/stack/')),
    because:
      'a service reaches log and database over their protocols; the engines are separate processes, which the stack starts',
  },
  'random tests take their seed from MILLRACE_TEST_SEED': {
    applies: ({ path }) => path !== 'libs/testing/src/random.ts',
    forbids: (specifier) => specifier === 'fast-check',
    because: 'import fc from @millrace/testing/random, which takes its seed from MILLRACE_TEST_SEED',
  },
  'no app imports another app': {
    applies: ({ path }) => path.startsWith('apps/'),
    forbids: (specifier, source) =>
      ![undefined, appOf(source.path)].includes(appLedTo(specifier, source)) &&
      !isPartOfPages(specifier, source),
    because: 'services communicate over topics; what they must know about each other belongs in contracts',
  },
  'a domain imports only contracts, the deciders and itself': {
    applies: ({ path }) => pureFolder.test(path) && !isTest(path),
    forbids: (specifier, source) =>
      !allowedInPureFolders.test(specifier) && !pureFolder.test(importedPath(source, specifier) ?? ''),
    because: 'a domain is pure: no Nest, no I/O, no other layer of its service',
  },
} as const satisfies Readonly<Record<string, Rule>>;

/** Takes the first two parts: the package of a specifier, or the project of a path. */
const packageOf = (specifier: string): string => specifier.split('/', 2).join('/');
const appOf = (path: string): string | undefined => (path.startsWith('apps/') ? packageOf(path) : undefined);
const apps: ReadonlyMap<string, string> = new Map(
  projects.filter(({ folder }) => appOf(folder)).map(({ folder, manifest }) => [manifest.name, folder]),
);

const appLedTo = (specifier: string, source: Source): string | undefined => {
  const path = importedPath(source, specifier);
  return path === undefined ? apps.get(packageOf(specifier)) : appOf(path);
};

/** Whether a page imports a part from which all pages are made. */
const isPartOfPages = (specifier: string, source: Source): boolean =>
  /^apps\/[^/]+\/src\/page\//.test(source.path) &&
  /^apps\/console\/src\/kit\//.test(importedPath(source, specifier) ?? '');

const broken = ({ applies, forbids, because }: Rule, all: readonly Source[]): readonly string[] =>
  all
    .filter(applies)
    .flatMap((source) =>
      source.imports
        .filter((specifier) => forbids(specifier, source))
        .map((specifier) => `${source.path}: imports ${specifier}: ${because}`),
    );

const ownClock = (all: readonly Source[]): readonly string[] =>
  all
    .filter(
      ({ path }) =>
        plainLibrary.test(path) && !isTest(path) && path !== 'libs/streaming-core/src/runtime/clock.ts',
    )
    .flatMap(({ path, calls, imports }) =>
      [
        ...calls.filter((call) => impureCalls.has(call)),
        ...imports.filter((specifier) => timerModules.test(specifier)),
      ].map(
        (found) =>
          `${path}: ${found}: take time and randomness as arguments, such as a Clock (streaming-core/runtime)`,
      ),
    );

/** Packages that are loaded together with a file, by the file itself or by what it loads. */
function packagesLoadedBy(entry: string, all: readonly Source[]): readonly string[] {
  const byPath = new Map(all.map((source) => [source.path, source]));
  const loaded = new Set([entry]);
  const packages = new Set<string>();
  for (const path of loaded)
    for (const specifier of byPath.get(path)!.loads) {
      const other = importedPath({ path }, specifier);
      if (other !== undefined) loaded.add(other);
      else if (!specifier.startsWith('node:')) packages.add(specifier);
    }
  return [...packages].sort();
}

describe('the import rules', () => {
  for (const [name, rule] of Object.entries(rules))
    it(`hold: ${name}`, () => {
      expect(broken(rule, sources)).toEqual([]);
    });

  it('make the libraries take time and randomness as arguments', () => {
    expect(withoutExceptions('clock', ownClock(sources))).toEqual([]);
  });

  it('let the broker load only one package, so that it is ready in less than 100 ms', () => {
    expect(packagesLoadedBy('libs/streaming-core/src/broker/index.ts', sources)).toEqual(['@node-rs/crc32']);
  });

  it('follow what is loaded through other files, and ignore types and dynamic imports', () => {
    const first = parseSource(
      'a/first.ts',
      `import { x } from '../b/second.ts'; import type { y } from 'types';`,
    );
    const second = parseSource(
      'b/second.ts',
      `export { x } from 'one'; export type { y } from 'types'; import('later'); import 'two';`,
    );
    expect(packagesLoadedBy('a/first.ts', [first, second])).toEqual(['one', 'two']);
  });

  it('detect each of these faults', () => {
    const faults: ReadonlyArray<readonly [keyof typeof rules, string, string]> = [
      [
        'libraries below the controllers import neither Nest nor OpenTelemetry',
        'libs/saga/src/a.ts',
        '@nestjs/common',
      ],
      ['no library but the books imports the contracts', 'libs/saga/src/a.ts', '@millrace/contracts'],
      [
        'the contracts import only zod and the contract entry point',
        'libs/contracts/src/a.ts',
        '@millrace/streaming-core/consumer',
      ],
      ['no service loads an engine', 'apps/order/src/a.ts', '@millrace/streaming-core/broker'],
      ['no service loads an engine', 'apps/order/src/a.ts', '@millrace/embedded-postgres'],
      ['no service loads an engine', 'apps/order/src/a.ts', '@millrace/embedded-kafka'],
      ['random tests take their seed from MILLRACE_TEST_SEED', 'libs/saga/src/a.spec.ts', 'fast-check'],
      ['no app imports another app', 'apps/cli/src/a.ts', '../../stack/src/config.ts'],
      ['no app imports another app', 'apps/cli/src/a.ts', '@millrace/stack'],
      ['no app imports another app', 'apps/cli/src/a.ts', '../../../apps/console/src/kit/words.ts'],
      [
        'a domain imports only contracts, the deciders and itself',
        'apps/order/src/domain/a.ts',
        '../stream-ids.ts',
      ],
      ['a domain imports only contracts, the deciders and itself', 'apps/order/src/domain/a.ts', 'node:fs'],
    ];
    for (const [name, path, specifier] of faults) {
      const source = parseSource(path, `import type { x } from '${specifier}';`);
      expect({ name, broken: broken(rules[name], [source]) }).toEqual({ name, broken: [expect.anything()] });
    }
    const timed = parseSource(
      'libs/saga/src/a.ts',
      `import { setTimeout as sleep } from 'node:timers/promises';\nDate.now(); clock.now();`,
    );
    expect(ownClock([timed])).toHaveLength(2);
  });
});
