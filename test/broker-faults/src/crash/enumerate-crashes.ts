import { seededRandom } from '@millrace/testing/random';
import { DiskImage, type CrashKind, type DiskContents } from '../disk/disk-image.ts';
import type { DiskOperation } from '../disk/disk-operation.ts';
import { unseenChanges } from '../disk/unseen-changes.ts';
import { watchFolder } from '../disk/watch-file-system.ts';
import { ofDeadProcess, writeContents } from '../disk/write-contents.ts';
import { inFolder } from '../in-folder.ts';
import { checkAfterCrash } from './check-after-crash.ts';
import type { RecordedRun } from './recorded-run.ts';

export interface CrashFound {
  readonly at: number;
  readonly operation: string;
  readonly kind: CrashKind;
  readonly problems: readonly string[];
}

export interface EnumerationOptions {
  /** Every how many changes of the disk a crash is tried; 1 is exhaustive. */
  readonly every: number;
  readonly seed: number;
  readonly kinds: readonly CrashKind[];
  /** Of these starts, in [0, 1], how many are cut off once more. */
  readonly cutOffShare: number;
  readonly untilMs?: number;
  /** False ends the enumeration. */
  readonly onFound?: (found: CrashFound) => boolean;
}

export interface Enumeration {
  readonly operations: number;
  readonly crashes: Readonly<Record<CrashKind, number>>;
  readonly found: readonly CrashFound[];
}

/** Crashes at the n-th change of the disk, for n from the first on; each state that a crash could leave is started on and checked. */
export async function enumerateCrashes({ operations, book }: RecordedRun, options: EnumerationOptions): Promise<Enumeration> {
  const random = seededRandom(options.seed);
  const image = new DiskImage();
  const found: CrashFound[] = [];
  const first = Math.floor(random() * options.every);
  const crashes: Record<CrashKind, number> = { killed: 0, torn: 0, 'unsynced-lost': 0, 'unsynced-random': 0 };
  for (const [index, operation] of operations.entries()) {
    image.apply(operation);
    if (index % options.every !== first % options.every) continue;
    if (options.untilMs !== undefined && performance.now() > options.untilMs) break;
    for (const kind of options.kinds.filter((each) => each !== 'torn' || operation.kind === 'write')) {
      // In the middle of a write nobody knows of it yet.
      const point = { at: kind === 'torn' ? index : index + 1, powerLost: kind.startsWith('unsynced') };
      const problems = await tryState(image.contents(kind, random), (folder) => checkAfterCrash(folder, book, point), {
        random,
        cutOff: random() < options.cutOffShare,
      });
      crashes[kind] += 1;
      if (problems.length === 0) continue;
      found.push({ at: index + 1, operation: inWords(operation), kind, problems });
      if (options.onFound?.(found.at(-1) as CrashFound) === false) return { operations: operations.length, crashes, found };
    }
  }
  return { operations: operations.length, crashes, found };
}

interface CutOff {
  readonly random: () => number;
  readonly cutOff: boolean;
}

type Check = (folder: string) => Promise<readonly string[]>;

/** Starts on what a crash left. The start is watched in its turn: it may be cut off as well, and what that leaves has to keep the same promises. */
async function tryState(contents: DiskContents, check: Check, again: CutOff): Promise<readonly string[]> {
  const found: DiskOperation[] = [];
  const recovery: DiskOperation[] = [];
  const problems = await inFolder(async (folder) => {
    writeContents(folder, ofDeadProcess(contents));
    let list = found;
    const onOperation = (operation: DiskOperation) => list.push(operation);
    const stop = watchFolder(folder, { onOperation, syncMsMax: 0, random: again.random });
    list = recovery;
    const broken = await check(folder).finally(stop);
    const unseen = again.cutOff ? unseenChanges([...found, ...recovery], folder) : [];
    return [...broken, ...unseen.map((path) => `the record of the start and the folder differ in ${path}`)];
  });
  if (!again.cutOff || problems.length > 0) return problems;
  const image = DiskImage.durable(found);
  const cutAt = Math.floor(again.random() * recovery.length);
  for (const operation of recovery.slice(0, cutAt)) image.apply(operation);
  const left = image.contents('unsynced-random', again.random);
  const second = await tryState(left, check, { ...again, cutOff: false });
  return second.map((problem) => `after a start that was cut off: ${problem}`);
}

const inWords = (operation: DiskOperation): string =>
  `${operation.kind} ${'name' in operation ? operation.name : operation.kind === 'rename' ? operation.to.name : operation.node}`;
