import { seededRandom } from '@millrace/testing/random';
import type { CrashKind } from '../disk/disk-image.ts';
import type { RunOptions } from '../main.ts';
import type { FaultsReport } from '../report.ts';
import { enumerateCrashes } from './enumerate-crashes.ts';
import { recordRun, unseenChanges } from './recorded-run.ts';

const kinds: ReadonlyArray<{ readonly kind: CrashKind; readonly what: string }> = [
  { kind: 'killed', what: 'kill -9 after each change of the disk' },
  { kind: 'torn', what: 'kill -9 in the middle of each write' },
  { kind: 'unsynced-lost', what: 'power loss that takes all that was not synced' },
  { kind: 'unsynced-random', what: 'power loss that takes any of what was not synced' },
];
const quickMs = 24_000;

/** A recorded run, and a crash after every change that it made to the disk. The slice for CI takes every 23rd and what time allows. */
export async function runCrashes({ quick, seed, print }: RunOptions): Promise<FaultsReport> {
  const startedAt = performance.now();
  const run = await recordRun({ random: seededRandom(seed), batches: quick ? 24 : 40 });
  const unseen = unseenChanges(run);
  print(`recorded ${run.operations.length} changes of the disk under ${run.book.batches.length} batches, seed ${seed}`);
  const { crashes, found } = await enumerateCrashes(run, {
    ...{ seed, every: quick ? 23 : 1, cutOffShare: quick ? 0.15 : 0.3, kinds: kinds.map(({ kind }) => kind) },
    ...(quick ? { untilMs: startedAt + quickMs } : {}),
    onFound: ({ at, operation, kind, problems }) => print(`${kind} at ${at} (${operation}): ${problems.join('; ')}`),
  });
  const rows = kinds.map(({ kind, what }) => ({
    what,
    tried: crashes[kind],
    violations: found.filter((each) => each.kind === kind).length,
    note: '',
  }));
  const problems = [
    ...unseen.map((path) => `the record of the run and the folder differ in ${path}`),
    ...found.map(({ at, operation, kind, problems: broken }) => `${kind} at ${at} (${operation}): ${broken.join('; ')}`),
  ];
  return { run: 'crash', seed, seconds: Math.round((performance.now() - startedAt) / 1_000), rows, problems };
}
