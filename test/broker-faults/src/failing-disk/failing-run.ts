import { startBroker } from '@millrace/streaming-core/broker';
import { WireClient } from '@millrace/streaming-core/protocol';
import { AskingClient } from '../crash/asking-client.ts';
import { checkAfterCrash } from '../crash/check-after-crash.ts';
import { emptyBook, type PromiseBook } from '../crash/promise-book.ts';
import { brokerSettings } from '../crash/recorded-run.ts';
import { hastyUpkeep, playLoad } from '../crash/scripted-load.ts';
import { ofDeadProcess, writeContents } from '../disk/write-contents.ts';
import { DiskImage } from '../disk/disk-image.ts';
import type { DiskCall, DiskOperation } from '../disk/disk-operation.ts';
import { watchFolder } from '../disk/watch-file-system.ts';
import { inMemoryFolder } from '../in-folder.ts';
import { whatStillWorks } from './what-still-works.ts';

export interface DiskFault {
  readonly code: 'EIO' | 'ENOSPC';
  readonly kind: DiskCall['kind'];
  /** The number of the call of this kind that fails, from 0. */
  readonly nth: number;
  /** Whether every later call fails too, until the load is over. */
  readonly lasting: boolean;
}

export interface FailingRun {
  /** The call that failed. Undefined if the run made fewer calls. */
  readonly failedAt: string | undefined;
  readonly problems: readonly string[];
}

/**
 * Runs a broker under load whose disk fails at one call, or from one call on. What the broker
 * acknowledged must be there afterwards, and it must refuse what it cannot do.
 */
export function runOnFailingDisk(
  fault: DiskFault,
  random: () => number,
  onCall: (call: DiskCall) => void = () => undefined,
): Promise<FailingRun> {
  return inMemoryFolder(async (folder) => {
    const operations: DiskOperation[] = [];
    const book = emptyBook();
    const breaker = breakDisk(fault, () => operations.length);
    const stop = watchFolder(folder, {
      random,
      syncMsMax: 2,
      faultOf: (call) => (onCall(call), breaker.faultOf(call)),
      onOperation: (operation) => operations.push(operation),
    });
    const problems: string[] = [];
    try {
      const broker = await startBroker({ dataFolder: folder, ...brokerSettings, properties: hastyUpkeep });
      const clients: WireClient[] = [];
      const connect = async () => {
        clients.push(await WireClient.connect(broker));
        return new AskingClient({ client: clients.at(-1) as WireClient, book, now: () => operations.length });
      };
      try {
        await playLoad({ connect, random, batches: 8, part: 'a', inFlightMax: 1 });
        breaker.repair();
        if (breaker.failedAt() !== undefined)
          problems.push(...(await whatStillWorks(await connect(), book, fault)));
      } finally {
        for (const client of clients) client.close();
        await broker.close();
      }
    } catch (error) {
      if (breaker.failedAt() === undefined) throw error; // a broker may refuse to start on such a disk
    } finally {
      stop();
    }
    problems.push(
      ...syncedAgain(operations, breaker.failedSyncAt()),
      ...(await checkLeftovers(operations, book)),
    );
    return { failedAt: breaker.failedAt(), problems };
  });
}

/** Counts the calls of each kind when none fails. */
export async function countCalls(random: () => number): Promise<ReadonlyMap<DiskCall['kind'], number>> {
  const counts = new Map<DiskCall['kind'], number>();
  const count = ({ kind }: DiskCall) => void counts.set(kind, (counts.get(kind) ?? 0) + 1);
  await runOnFailingDisk(
    { code: 'EIO', kind: 'write', nth: Number.POSITIVE_INFINITY, lasting: false },
    random,
    count,
  );
  return counts;
}

function breakDisk({ code, kind, nth, lasting }: DiskFault, now: () => number) {
  let calls = 0;
  let repaired = false;
  let brokenSince = Number.POSITIVE_INFINITY;
  let failedAt: string | undefined;
  return {
    faultOf(call: DiskCall): NodeJS.ErrnoException | undefined {
      if (call.kind !== kind || repaired) return undefined;
      calls += 1;
      if (calls <= nth || (calls > nth + 1 && !lasting)) return undefined;
      failedAt ??= `${call.kind} of ${call.path}`;
      brokenSince = Math.min(brokenSince, now());
      return Object.assign(new Error(`${code}: the test failed the ${call.kind} of '${call.path}'`), {
        code,
        syscall: call.kind,
        path: call.path,
      });
    },
    repair: () => void (repaired = true),
    failedAt: () => failedAt,
    /** The position at which a sync failed for another reason than lack of room. */
    failedSyncAt: () =>
      kind === 'sync' && code === 'EIO' && failedAt !== undefined ? brokenSince : undefined,
  };
}

/**
 * After a failed sync the kernel may have dropped the pages, so that a second sync would succeed
 * without writing them.
 */
function syncedAgain(operations: readonly DiskOperation[], failedAt: number | undefined): readonly string[] {
  if (failedAt === undefined) return [];
  const done = new Set(
    operations.flatMap((operation) => (operation.kind === 'sync-done' ? [operation.sync] : [])),
  );
  const lost = operations.find((operation) => operation.kind === 'sync-begun' && !done.has(operation.sync));
  const again = operations
    .slice(failedAt)
    .some(
      (operation) =>
        operation.kind === 'sync-begun' && lost?.kind === 'sync-begun' && operation.node === lost.node,
    );
  return !again ? [] : ['a failed sync was repeated'];
}

/**
 * Cuts the power at the end: what a failed sync should have written is gone, whatever the kernel
 * said later.
 */
function checkLeftovers(operations: readonly DiskOperation[], book: PromiseBook): Promise<readonly string[]> {
  return inMemoryFolder(async (folder) => {
    const image = new DiskImage();
    for (const operation of operations) image.apply(operation);
    writeContents(folder, ofDeadProcess(image.contents('unsynced-lost', () => 0)));
    return checkAfterCrash(folder, book, { at: operations.length, powerLost: true });
  });
}
