import {
  isRetriableError,
  type FetchedPartition,
  type FetchPosition,
  type PartitionOffset,
} from '@millrace/streaming-core/client';

interface Position extends PartitionOffset {
  readonly end?: bigint;
}

export interface Reading {
  /** Where each partition begins, and before which offset it ends. Absent for no end. */
  readonly from: readonly Position[];
  readonly signal: AbortSignal;
  /** Called with the offsets read so far and in all, unless there is no end. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** How to fetch the pages of partitions, and what a page contains. */
interface PageSource<Page, Entry> {
  fetch(positions: readonly FetchPosition[]): Promise<readonly Page[]>;
  entriesOf(page: Page): readonly Entry[];
}

/**
 * Yields the entries of each partition in order, up to the ends or until the signal aborts. An
 * offset without an entry counts as read.
 */
export async function* readLog<
  Page extends Pick<FetchedPartition, 'nextOffset' | 'error'>,
  Entry extends { readonly offset: bigint },
>({ from, signal, onProgress }: Reading, source: PageSource<Page, Entry>): AsyncGenerator<Entry, void> {
  const total = remaining(from);
  let positions = from.filter(isOpen);
  while (positions.length > 0 && !signal.aborted) {
    const fetched = await untilAborted(source.fetch(positions), signal);
    if (fetched === undefined) return;
    for (const [index, page] of fetched.entries()) {
      if (page.error !== undefined && !isRetriableError(page.error)) throw page.error;
      const end = positions[index]?.end;
      for (const entry of source.entriesOf(page)) if (end === undefined || entry.offset < end) yield entry;
    }
    positions = positions
      .map((position, index) => ({ ...position, offset: fetched[index]?.nextOffset ?? position.offset }))
      .filter(isOpen);
    if (total > 0) onProgress?.(total - remaining(positions), total);
  }
}

const isOpen = ({ offset, end }: Position): boolean => end === undefined || offset < end;

const remaining = (positions: readonly Position[]): number =>
  positions.reduce((sum, { offset, end }) => sum + Number((end ?? offset) - offset), 0);

/** Resolves to undefined once the signal aborts. */
async function untilAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result | undefined> {
  let stop: () => void = () => undefined;
  const aborted = new Promise<undefined>((resolve) => (stop = () => resolve(undefined)));
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
    work.catch(() => undefined); // closing the reader ends the fetch that nobody waits for
  }
}
