import { seededRandom } from '@millrace/testing/random';
import type { CrashKind } from '../disk/disk-image.ts';
import type { RunOptions } from '../main.ts';
import type { FaultsReport } from '../report.ts';
import { enumerateCrashes, type CrashFound } from './enumerate-crashes.ts';
import { recordRun } from './recorded-run.ts';

const kinds: ReadonlyArray<{ readonly kind: CrashKind; readonly what: string }> = [
  { kind: 'killed', what: 'kill -9 after each change of the disk' },
  { kind: 'torn', what: 'kill -9 in the middle of each write' },
  { kind: 'unsynced-lost', what: 'power loss that takes all that was not synced' },
  { kind: 'unsynced-random', what: 'power loss that takes any of what was not synced' },
];
const quickMs = 20_000;

/** A recorded run, and a crash after every change that it made to the disk. The slice for CI takes every 23rd and what time allows. */
export async function runCrashes({ quick, seed, print }: RunOptions): Promise<FaultsReport> {
  const startedAt = performance.now();
  const run = await recordRun({ random: seededRandom(seed), batches: quick ? 24 : 40 });
  print(`recorded ${run.operations.length} changes of the disk under ${run.book.batches.length} batches, seed ${seed}`);
  const { crashes, found } = await enumerateCrashes(run, {
    ...{ seed, every: quick ? 23 : 1, cutOffShare: quick ? 0.15 : 0.3, kinds: kinds.map(({ kind }) => kind) },
    ...(quick ? { untilMs: startedAt + quickMs } : {}),
    onFound: (one) => (print(faultInWords(one)), true),
  });
  const seenWithoutSync = await lossWithoutSync(seed);
  const rows = kinds.map(({ kind, what }) => ({
    what,
    tried: crashes[kind],
    violations: found.filter((each) => each.kind === kind).length,
    note: '',
  }));
  const problems = [
    ...run.unseen.map((path) => `the record of the run and the folder differ in ${path}`),
    ...found.map(faultInWords),
    ...(seenWithoutSync ? [] : ['a broker that acknowledges before it syncs was not caught: these tests see nothing']),
  ];
  return { run: 'crash', seed, seconds: Math.round((performance.now() - startedAt) / 1_000), rows, problems };
}

const faultInWords = ({ at, operation, kind, problems }: CrashFound): string => `${kind} at ${at} (${operation}): ${problems.join('; ')}`;

/** Whether power loss is seen to take acknowledged records from a broker that does not wait for its disk. */
async function lossWithoutSync(seed: number): Promise<boolean> {
  const run = await recordRun({ random: seededRandom(seed), batches: 6, flush: 'none' });
  const options = { seed, every: 40, cutOffShare: 0, kinds: ['unsynced-lost'] as const, onFound: () => false };
  const { found } = await enumerateCrashes(run, options);
  return found.some(({ problems }) => problems.some((problem) => problem.includes('was acknowledged')));
}
