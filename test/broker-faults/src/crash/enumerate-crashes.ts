import { seededRandom } from '@millrace/testing/random';
import { DiskImage, type CrashKind, type DiskContents } from '../disk/disk-image.ts';
import type { DiskOperation } from '../disk/disk-operation.ts';
import { unseenChanges } from '../disk/unseen-changes.ts';
import { watchFolder } from '../disk/watch-file-system.ts';
import { ofDeadProcess, writeContents } from '../disk/write-contents.ts';
import { inMemoryFolder } from '../in-folder.ts';
import { checkAfterCrash } from './check-after-crash.ts';
import type { RecordedRun } from './recorded-run.ts';

export interface CrashFound {
  readonly at: number;
  readonly operation: string;
  readonly kind: CrashKind;
  readonly problems: readonly string[];
}

export interface EnumerationOptions {
  /**
   * A pass tries a crash at every n-th change of the disk, and each pass takes different
   * ones. After that many passes every change has been tried.
   */
  readonly every: number;
  /** Default: the number that it takes to try every change. */
  readonly passesMax?: number;
  readonly seed: number;
  readonly kinds: readonly CrashKind[];
  /** The share of these starts, in [0, 1], that is cut off by another crash. */
  readonly cutOffShare: number;
  /** The changes of the disk to try, counted from 1. */
  readonly range?: { readonly from: number; readonly to: number };
  /** The time after which no kind of crash is tried more than `leastOfEach` times. */
  readonly untilMs?: number;
  readonly leastOfEach?: number;
  /** Returns false to end the enumeration. */
  readonly onFound?: (found: CrashFound) => boolean;
  readonly onTried?: (crashes: Readonly<Record<CrashKind, number>>) => void;
}

export interface Enumeration {
  readonly operations: number;
  readonly crashes: Readonly<Record<CrashKind, number>>;
  readonly found: readonly CrashFound[];
}

/**
 * Crashes the broker at each change of the disk. It starts on every state that the crash could
 * leave and checks it. The crashes are spread over the run from the first pass on.
 */
export async function enumerateCrashes(run: RecordedRun, options: EnumerationOptions): Promise<Enumeration> {
  const random = seededRandom(options.seed);
  const found: CrashFound[] = [];
  const crashes: Record<CrashKind, number> = { killed: 0, torn: 0, 'unsynced-lost': 0, 'unsynced-random': 0 };
  const first = Math.floor(random() * options.every);
  for (let pass = 0; pass < Math.min(options.every, options.passesMax ?? options.every); pass += 1) {
    const goesOn = await onePass(
      run,
      { ...options, residue: (first + pass * strideOf(options.every)) % options.every, random },
      { crashes, found },
    );
    if (!goesOn) break;
  }
  return { operations: run.operations.length, crashes, found };
}

interface Pass extends EnumerationOptions {
  readonly residue: number;
  readonly random: () => number;
}

interface Tally {
  readonly crashes: Record<CrashKind, number>;
  readonly found: CrashFound[];
}

/** Returns whether there is time for more. */
async function onePass(
  { operations, book }: RecordedRun,
  pass: Pass,
  { crashes, found }: Tally,
): Promise<boolean> {
  const image = new DiskImage();
  for (const [index, operation] of operations.entries()) {
    image.apply(operation);
    if (
      index % pass.every !== pass.residue ||
      index + 1 < (pass.range?.from ?? 0) ||
      index + 1 > (pass.range?.to ?? Infinity)
    )
      continue;
    for (const kind of pass.kinds.filter((each) => each !== 'torn' || operation.kind === 'write')) {
      if (isOver(pass) && crashes[kind] >= (pass.leastOfEach ?? 0)) continue;
      // If a write was cut off in the middle, no client has seen an effect of it yet.
      const point = { at: kind === 'torn' ? index : index + 1, powerLost: kind.startsWith('unsynced') };
      const problems = await tryState(
        image.contents(kind, pass.random),
        (folder, mark) => checkAfterCrash(folder, book, point, mark),
        {
          random: pass.random,
          cutOff: pass.random() < pass.cutOffShare,
        },
      );
      crashes[kind] += 1;
      pass.onTried?.(crashes);
      if (problems.length === 0) continue;
      found.push({ at: index + 1, operation: inWords(operation), kind, problems });
      if (pass.onFound?.(found.at(-1) as CrashFound) === false) return false;
    }
  }
  return !isOver(pass);
}

const isOver = ({ untilMs }: EnumerationOptions): boolean =>
  untilMs !== undefined && performance.now() > untilMs;

/**
 * A step that shares no divisor with `every`, so that every residue gets its turn. It is near a
 * third of `every`, so that early passes lie apart.
 */
function strideOf(every: number): number {
  const divisor = (one: number, other: number): number => (other === 0 ? one : divisor(other, one % other));
  for (let stride = Math.ceil(every / 3); ; stride += 1) if (divisor(stride, every) === 1) return stride;
}

interface CutOff {
  readonly random: () => number;
  readonly cutOff: boolean;
}

type Check = (folder: string, beforeDecisions: () => void) => Promise<readonly string[]>;

/**
 * Starts a broker on what a crash left. This start is recorded as well. It may be cut off too, and
 * the folder that it leaves has to keep the same promises.
 */
async function tryState(contents: DiskContents, check: Check, again: CutOff): Promise<readonly string[]> {
  const found: DiskOperation[] = [];
  const recovery: DiskOperation[] = [];
  let undecided = 0;
  const problems = await inMemoryFolder(async (folder) => {
    writeContents(folder, ofDeadProcess(contents));
    let list = found;
    const onOperation = (operation: DiskOperation) => list.push(operation);
    const stop = watchFolder(folder, { onOperation, syncMsMax: 0, random: again.random });
    list = recovery;
    const broken = await check(folder, () => (undecided = recovery.length)).finally(stop);
    const unseen = again.cutOff ? unseenChanges([...found, ...recovery], folder) : [];
    return [...broken, ...unseen.map((path) => `the record of the start and the folder differ in ${path}`)];
  });
  if (!again.cutOff || problems.length > 0) return problems;
  const image = DiskImage.durable(found);
  const cutAt = Math.floor(again.random() * undecided);
  for (const operation of recovery.slice(0, cutAt)) image.apply(operation);
  const left = image.contents('unsynced-random', again.random);
  const second = await tryState(left, check, { ...again, cutOff: false });
  return second.map((problem) => `after a start that was cut off: ${problem}`);
}

const inWords = (operation: DiskOperation): string =>
  `${operation.kind} ${'name' in operation ? operation.name : operation.kind === 'rename' ? operation.to.name : operation.node}`;
