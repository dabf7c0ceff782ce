import type { OpenLogReader, TopicPartition, UndecodedRecords } from '@millrace/streaming-core/client';
import { isRetriableError } from '@millrace/streaming-core/client';
import { hours, type Clock } from '@millrace/streaming-core/runtime';
import type { ChangelogRecord } from '../state/store-context.ts';
import { changelogRecord } from './raw-records.ts';

/** A task whose stores are restored from their changelogs. */
export interface RestoredTask {
  /** The changelogs by the name of their store. */
  readonly changelogs: ReadonlyMap<string, TopicPartition>;
  /** The offset from which to restore a changelog, or null to restore it from its beginning. */
  restoredOffset(topic: string): bigint | null;
  restore(storeName: string, records: readonly ChangelogRecord[]): void;
  /**
   * Commits the rows restored up to these offsets. `isCaughtUp` says that the task has all records
   * of its changelogs.
   */
  keepRestored(offsets: ReadonlyMap<string, bigint>, isCaughtUp: boolean): void;
}

interface RestorationParts {
  /** Reads committed records only. */
  readonly reader: Pick<OpenLogReader, 'fetchUndecoded' | 'beginningOffsets'>;
  /**
   * Reads the end of a changelog, including transactions that are still open. A transaction that is
   * about to be completed is waited for, since the committed offsets may already include it.
   */
  readonly ends: Pick<OpenLogReader, 'endOffsets'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly batchRecordsMax: number;
  readonly isCurrent: () => boolean;
  readonly onProgress: (remainingRecords: number) => void;
}

interface Restoring {
  readonly task: RestoredTask;
  readonly storeName: string;
  readonly place: TopicPartition;
  readonly end: bigint;
  position: bigint;
  /** The number of records that are applied and not yet committed. */
  unkept: number;
}

/**
 * After this time the process may have been suspended, and others may have written to the
 * changelogs.
 */
const caughtUpMsMax = hours(1);

/**
 * Applies the changelog records that the state of the tasks lacks, up to the present ends. Resolves
 * to false if the partitions were revoked in the meantime. The next call continues from there.
 */
export async function restore(tasks: readonly RestoredTask[], parts: RestorationParts): Promise<boolean> {
  const beganAtMs = parts.clock.now();
  let remaining = await remainingOf(tasks, parts);
  while (remaining.length > 0) {
    parts.onProgress(remaining.reduce((sum, { end, position }) => sum + Number(end - position), 0));
    if (!parts.isCurrent()) return false;
    await step(remaining, parts, beganAtMs);
    remaining = remaining.filter(({ position, end }) => position < end);
  }
  parts.onProgress(0);
  return parts.isCurrent();
}

async function remainingOf(
  tasks: readonly RestoredTask[],
  { reader, ends }: RestorationParts,
): Promise<readonly Restoring[]> {
  const stores = tasks.flatMap((task) =>
    [...task.changelogs].map(([storeName, place]) => ({ task, storeName, place })),
  );
  if (stores.length === 0) return [];
  const places = stores.map(({ place }) => place);
  const [beginnings, endings] = await Promise.all([reader.beginningOffsets(places), ends.endOffsets(places)]);
  return stores.flatMap(({ task, storeName, place }, index) => {
    const beginning = beginnings[index]!.offset;
    const stored = task.restoredOffset(place.topic) ?? beginning;
    const position = stored < beginning ? beginning : stored;
    const end = endings[index]!.offset;
    return position < end ? [{ task, storeName, place, position, end, unkept: 0 }] : [];
  });
}

async function step(
  remaining: readonly Restoring[],
  { reader, clock, batchRecordsMax }: RestorationParts,
  beganAtMs: number,
): Promise<void> {
  const fetched = await fetchOnce(
    reader,
    remaining.map(({ place, position }) => ({ ...place, offset: position })),
  );
  const isRecent = clock.now() - beganAtMs <= caughtUpMsMax;
  fetched.forEach(({ records, nextOffset, error }, index) => {
    if (error !== undefined && !isRetriableError(error)) throw error;
    const restoring = remaining[index]!;
    restoring.unkept += apply(restoring, records);
    restoring.position = nextOffset;
    if (restoring.unkept < batchRecordsMax && nextOffset < restoring.end) return;
    restoring.task.keepRestored(
      new Map([[restoring.place.topic, nextOffset]]),
      isRecent && remaining.every(({ task, position, end }) => task !== restoring.task || position >= end),
    );
    restoring.unkept = 0;
  });
}

/**
 * The number of records decoded at a time. It is so small that the garbage collector moves none of
 * them.
 */
const partRecords = 512;

/** Applies records. Returns how many there were. */
function apply({ task, storeName }: Restoring, records: UndecodedRecords): number {
  let count = 0;
  let part: ChangelogRecord[];
  do {
    part = [];
    for (let record = records.next(); record !== undefined; record = records.next()) {
      if (part.push(changelogRecord(record)) === partRecords) break;
    }
    if (part.length > 0) task.restore(storeName, part);
    count += part.length;
  } while (part.length === partRecords);
  return count;
}

/**
 * Fetches once. Returns nothing after a temporary failure, for which the fetch has already paused.
 */
async function fetchOnce(
  reader: RestorationParts['reader'],
  positions: Parameters<OpenLogReader['fetchUndecoded']>[0],
): ReturnType<OpenLogReader['fetchUndecoded']> {
  try {
    return await reader.fetchUndecoded(positions);
  } catch (error) {
    if (isRetriableError(error)) return [];
    throw error;
  }
}
