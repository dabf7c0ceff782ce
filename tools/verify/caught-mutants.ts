import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheFolder } from '../ci/cache.ts';
import type { Mutant } from '../../test/mutants/src/mutants.ts';
import { workspace } from '../workspace.ts';
import { lockedPackages, readLock } from './locked-packages.ts';
import { hashOf, sourceClosure } from './source-closure.ts';

/** The files that a verdict depends on, in addition to the mutant and its sources. */
const setting = [
  'jest.preset.mjs',
  'tools/jest/runtime.mjs',
  'tools/jest/globals.mjs',
  'tools/jest/environment.mjs',
  'tools/typescript/compile.mjs',
  'tools/typescript/swc-options.mjs',
  'tools/verify/mutants.ts',
];
/** The npm packages that run every test. */
const runner = ['jest', 'jest-mock', '@jest/fake-timers', '@swc/core'];
const lock = readLock(workspace);
const globalSetup = 'libs/testing/src/jest/global-setup.ts';

const hashes = new Map<Mutant, string>();

/** Returns a hash of everything that the verdict on this mutant depends on. A run computes it once. */
function sourcesOf(mutant: Mutant): string {
  const hash = hashes.get(mutant) ?? hashSourcesOf(mutant);
  hashes.set(mutant, hash);
  return hash;
}

function hashSourcesOf(mutant: Mutant): string {
  const { file, test } = mutant;
  const entries = test.file.endsWith('.int.spec.ts') ? [test.file, globalSetup] : [test.file];
  const { files, packages } = sourceClosure(entries);
  const versions = lockedPackages(lock, new Set([...runner, ...packages]));
  const read = new Set([...setting, file, ...files]);
  return hashOf([...read], JSON.stringify(mutant), process.version, ...versions);
}

/**
 * The path of the record that says this mutant was caught on this machine with exactly these
 * sources. It may not exist.
 */
const recordOf = (mutant: Mutant): string => join(cacheFolder, 'mutants', sourcesOf(mutant));

const committedPath = join(workspace, 'test/records/mutants-caught.json');

/** The record of the last run that left no mutant out: when it was, and the sources with which each was caught. */
interface Committed {
  readonly version: 1;
  readonly at: string;
  readonly caught: Readonly<Record<string, string>>;
}

export const readCommitted = (): Committed => JSON.parse(readFileSync(committedPath, 'utf8')) as Committed;

export function writeCommitted(mutants: readonly Mutant[], startedAt: Date): void {
  const caught = Object.fromEntries(mutants.map((mutant) => [mutant.name, sourcesOf(mutant)]));
  const committed: Committed = { version: 1, at: startedAt.toISOString().slice(0, 10), caught };
  writeFileSync(committedPath, `${JSON.stringify(committed, undefined, 2)}\n`);
}

/** Whether the record says that the mutant was caught with its present sources. */
export const isCommitted = (mutant: Mutant, { caught }: Committed): boolean =>
  caught[mutant.name] === sourcesOf(mutant);

/** Whether the mutant was caught with its present sources, as the record or this machine's cache says. */
export const isKnown = (mutant: Mutant, committed: Committed): boolean =>
  isCommitted(mutant, committed) || existsSync(recordOf(mutant));

/** Notes on this machine that the mutant was caught with its present sources. */
export function remember(mutant: Mutant): void {
  const record = recordOf(mutant);
  mkdirSync(dirname(record), { recursive: true });
  writeFileSync(record, `${new Date().toISOString()} ${mutant.name}\n`);
}
