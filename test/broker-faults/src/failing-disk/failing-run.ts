import { startBroker } from '@millrace/streaming-core/broker';
import { WireClient } from '@millrace/streaming-core/wire';
import { AskingClient } from '../crash/asking-client.ts';
import { checkAfterCrash } from '../crash/check-after-crash.ts';
import { emptyBook, type PromiseBook } from '../crash/promise-book.ts';
import { brokerSettings } from '../crash/recorded-run.ts';
import { playLoad } from '../crash/scripted-load.ts';
import { ofDeadProcess, writeContents } from '../disk/write-contents.ts';
import { DiskImage } from '../disk/disk-image.ts';
import type { DiskCall, DiskOperation } from '../disk/disk-operation.ts';
import { watchFolder } from '../disk/watch-file-system.ts';
import { inFolder } from '../in-folder.ts';

export interface DiskFault {
  readonly code: 'EIO' | 'ENOSPC';
  readonly kind: DiskCall['kind'];
  /** Which call of this kind fails, from 0 on. */
  readonly nth: number;
  /** So does every later one, until the load is over. */
  readonly lasting: boolean;
}

export interface FailingRun {
  /** The fault came at this call; undefined when there were not so many. */
  readonly failedAt: string | undefined;
  readonly problems: readonly string[];
}

/** A broker under load whose disk fails at one call or from one call on: what it acknowledged is there afterwards, and what it cannot do it refuses. */
export function runOnFailingDisk(fault: DiskFault, random: () => number): Promise<FailingRun> {
  return inFolder(async (folder) => {
    const operations: DiskOperation[] = [];
    const book = emptyBook();
    const breaker = breakDisk(fault, () => operations.length);
    const stop = watchFolder(folder, {
      ...{ random, syncMsMax: 2, faultOf: breaker.faultOf },
      onOperation: (operation) => operations.push(operation),
    });
    const problems: string[] = [];
    try {
      const broker = await startBroker({ dataFolder: folder, ...brokerSettings });
      const clients: WireClient[] = [];
      const connect = async () => {
        clients.push(await WireClient.connect(broker));
        return new AskingClient(clients.at(-1) as WireClient, book, () => operations.length);
      };
      try {
        await playLoad({ connect, random, batches: 8, part: 'a', inFlightMax: 1 });
        breaker.repair();
        if (breaker.failedAt() !== undefined) problems.push(...(await whatStillWorks(await connect(), book, fault)));
      } finally {
        for (const client of clients) client.close();
        await broker.close();
      }
    } catch (error) {
      if (breaker.failedAt() === undefined) throw error; // a broker may refuse to start on such a disk
    } finally {
      stop();
    }
    problems.push(...syncedAgain(operations, breaker.failedSyncAt()), ...(await checkLeftovers(operations, book)));
    return { failedAt: breaker.failedAt(), problems };
  });
}

function breakDisk({ code, kind, nth, lasting }: DiskFault, now: () => number) {
  let [calls, repaired, brokenSince] = [0, false, Number.POSITIVE_INFINITY];
  let failedAt: string | undefined;
  return {
    faultOf(call: DiskCall): NodeJS.ErrnoException | undefined {
      if (call.kind !== kind || repaired) return undefined;
      calls += 1;
      if (calls <= nth || (calls > nth + 1 && !lasting)) return undefined;
      failedAt ??= `${call.kind} of ${call.path}`;
      brokenSince = Math.min(brokenSince, now());
      return Object.assign(new Error(`${code}: made to fail, ${call.kind} '${call.path}'`), { code, syscall: call.kind, path: call.path });
    },
    repair: () => void (repaired = true),
    failedAt: () => failedAt,
    /** When a sync failed for another reason than want of room. */
    failedSyncAt: () => (kind === 'sync' && code === 'EIO' && failedAt !== undefined ? brokenSince : undefined),
  };
}

/** The kernel may have dropped what a failed sync was to write, and a second one would say that all is well. */
function syncedAgain(operations: readonly DiskOperation[], failedAt: number | undefined): readonly string[] {
  if (failedAt === undefined) return [];
  const done = new Set(operations.flatMap((operation) => (operation.kind === 'sync-done' ? [operation.sync] : [])));
  const lost = operations.find((operation) => operation.kind === 'sync-begun' && !done.has(operation.sync));
  const again = operations
    .slice(failedAt)
    .some((operation) => operation.kind === 'sync-begun' && lost?.kind === 'sync-begun' && operation.node === lost.node);
  return !again ? [] : ['a sync that failed was tried again'];
}

/** Where the disk was full there is room again: everything works. After a failed sync the disk is not trusted: nothing is acknowledged. */
async function whatStillWorks(client: AskingClient, book: PromiseBook, { code, kind }: DiskFault): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const topic of book.topics.filter(({ doneAt, deletion }) => doneAt !== undefined && deletion === undefined))
    for (let partition = 0; partition < topic.partitions; partition += 1) {
      const session = `afterwards-${topic.name}-${partition}`;
      const { failed } = await client.produce({ topic, partition, values: [session], session, acks: -1 });
      if (code === 'EIO' && kind === 'sync' && failed !== storageError)
        problems.push(`a write to ${topic.name}-${partition} after a failed sync: ${failed ?? 'acknowledged'}`);
      if (kind !== 'sync' && code === 'ENOSPC' && failed !== undefined)
        problems.push(`${topic.name}-${partition} is refused although there is room again: ${failed}`);
    }
  return problems;
}

/** KAFKA_STORAGE_ERROR */
const storageError = 'error 56';

/** Power is lost at the end: what a failed sync was to write is gone, whatever the kernel said later. */
function checkLeftovers(operations: readonly DiskOperation[], book: PromiseBook): Promise<readonly string[]> {
  return inFolder(async (folder) => {
    const image = new DiskImage();
    for (const operation of operations) image.apply(operation);
    writeContents(folder, ofDeadProcess(image.contents('unsynced-lost', () => 0)));
    return checkAfterCrash(folder, book, { at: operations.length, powerLost: true });
  });
}
