import { seededRandom } from '@millrace/testing/random';
import type { CrashKind } from '../disk/disk-image.ts';
import type { RunOptions } from '../main.ts';
import { everyMinute } from '../progress.ts';
import type { FaultsFound } from '../report.ts';
import { enumerateCrashes, type CrashFound } from './enumerate-crashes.ts';
import { recordRun, type RecordedRun } from './recorded-run.ts';
import type { DiskOperation } from '../disk/disk-operation.ts';

/**
 * Counts what happened in a recorded run, since a crash proves nothing about what never happened.
 */
function happenings({ operations, book }: RecordedRun): string {
  const done = (asked: ReadonlyArray<{ readonly doneAt?: number }>) =>
    asked.filter(({ doneAt }) => doneAt !== undefined).length;
  const ends = book.transactions.flatMap(({ end }) => (end?.doneAt === undefined ? [] : [end]));
  return [
    `${done(book.batches)} batches and ${done(book.puts)} keyed records acknowledged`,
    `${ends.filter(({ committed }) => committed).length} transactions committed, ` +
      `${ends.filter(({ committed }) => !committed).length} aborted, ` +
      `${book.transactions.length - ends.length} left open`,
    `${done(book.commits)} offsets`,
    `${done(book.memberships)} generations of groups`,
    `${done(book.topics)} topics created, ` +
      `${done(book.topics.flatMap(({ deletion }) => deletion ?? []))} deleted, ` +
      `${done(book.topics.flatMap(({ growth }) => growth ?? []))} grown`,
    `${done(book.deletions)} deletions of records`,
    `${countRenames(operations, /\.log\.swap$/)} segments compacted`,
    `${removedSegments(operations)} segments removed`,
  ].join(', ');
}

const countRenames = (operations: readonly DiskOperation[], name: RegExp): number =>
  operations.filter((operation) => operation.kind === 'rename' && name.test(operation.to.name)).length;

const removedSegments = (operations: readonly DiskOperation[]): number =>
  operations.filter((operation) => operation.kind === 'remove' && operation.name.endsWith('.log')).length;

const kinds: ReadonlyArray<{ readonly kind: CrashKind; readonly what: string }> = [
  { kind: 'killed', what: 'kill -9 after each change of the disk' },
  { kind: 'torn', what: 'kill -9 in the middle of each write' },
  { kind: 'unsynced-lost', what: 'power loss that discards everything not synced' },
  { kind: 'unsynced-random', what: 'power loss that discards any part of what was not synced' },
];
const quick = { batches: 12, every: 61, cutOffShare: 0.15, untilMs: 20_000, leastOfEach: 3 };
const whole = { batches: 10, every: 16, cutOffShare: 0.3 };

/**
 * Records a run and tries a crash after every change that it made to the disk. The slice for CI
 * tries as many as time allows.
 */
export async function runCrashes({
  quick: isQuick,
  seed,
  print,
  minutesMax,
  range,
}: RunOptions): Promise<FaultsFound> {
  const startedAt = performance.now();
  const settings = isQuick ? quick : whole;
  const run = await recordRun({ random: seededRandom(seed), batches: settings.batches });
  print(`recorded ${run.operations.length} changes of the disk; ${happenings(run)}; seed ${seed}`);
  const spanMs = isQuick ? quick.untilMs : minutesMax * 60_000;
  const sayHow = everyMinute((crashes: Readonly<Record<CrashKind, number>>) =>
    print(`${total(crashes)} crashes tried`),
  );
  const { crashes, found } = await enumerateCrashes(run, {
    seed,
    ...settings,
    range,
    kinds: kinds.map(({ kind }) => kind),
    untilMs: startedAt + spanMs,
    onTried: sayHow,
    onFound: (one) => (print(faultInWords(one)), true),
  });
  const seenWithoutSync = await lossWithoutSync(seed);
  const rows = kinds.map(({ kind, what }) => ({
    what,
    tried: crashes[kind],
    violations: found.filter((each) => each.kind === kind).length,
    note: `of ${run.operations.filter((operation) => kind !== 'torn' || operation.kind === 'write').length}`,
  }));
  const load = { what: 'the recorded run', tried: 1, violations: run.unseen.length, note: happenings(run) };
  const problems = [
    ...run.unseen.map((path) => `the record of the run and the folder differ in ${path}`),
    ...found.map(faultInWords),
    ...(seenWithoutSync
      ? []
      : ['a broker that acknowledges before it syncs was not caught, so these tests prove nothing']),
  ];
  return {
    rows: [load, ...rows],
    problems,
  };
}

const total = (crashes: Readonly<Record<CrashKind, number>>): number =>
  Object.values(crashes).reduce((sum, count) => sum + count, 0);

const faultInWords = ({ at, operation, kind, problems }: CrashFound): string =>
  `${kind} at ${at} (${operation}): ${problems.join('; ')}`;

/**
 * Checks that the tests notice when a broker that does not wait for its disk loses acknowledged
 * records in a power loss.
 */
async function lossWithoutSync(seed: number): Promise<boolean> {
  const run = await recordRun({ random: seededRandom(seed), batches: 6, flush: 'none' });
  const options = {
    seed,
    every: 40,
    passesMax: 1,
    cutOffShare: 0,
    kinds: ['unsynced-lost'] as const,
    onFound: () => false,
  };
  const { found } = await enumerateCrashes(run, options);
  return found.some(({ problems }) => problems.some((problem) => problem.includes('was acknowledged')));
}
