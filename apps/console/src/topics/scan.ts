import { isRetriableError, type FetchedPartition, type FetchPosition } from '@millrace/streaming-core/client';
import { systemClock } from '@millrace/streaming-core/runtime';

/** A range of a partition to read. */
export interface ScanRange extends FetchPosition {
  readonly end: bigint;
}

interface Scan<Page, Entry> {
  readonly ranges: readonly ScanRange[];
  fetch(positions: readonly FetchPosition[]): Promise<readonly Page[]>;
  entriesOf(page: Page): readonly Entry[];
  isWanted(entry: Entry): boolean;
  readonly limits: {
    /** How many entries are found in all. Each partition has its share, so that none is left out. */
    readonly foundMax: number;
    readonly scannedMax: number;
    readonly timeMsMax: number;
  };
}

export interface Scanned<Entry> {
  readonly found: readonly Entry[];
  readonly scanned: number;
  /** Where to go on in each partition, in the order of the ranges. At the end of a range, it was read. */
  readonly positions: readonly bigint[];
}

/**
 * Reads ranges of a log until enough was found, or until a limit of records or time is reached. Offsets
 * without an entry count as read.
 */
export async function scan<
  Page extends Pick<FetchedPartition, 'nextOffset' | 'error'>,
  Entry extends { readonly offset: bigint },
>({ ranges, fetch, entriesOf, isWanted, limits }: Scan<Page, Entry>): Promise<Scanned<Entry>> {
  const deadline = systemClock.monotonic() + limits.timeMsMax;
  const share = Math.max(1, Math.ceil(limits.foundMax / Math.max(1, ranges.length)));
  const positions = ranges.map(({ offset }) => offset);
  const foundIn = ranges.map(() => 0);
  const found: Entry[] = [];
  let scanned = 0;

  const isOpen = (index: number) => positions[index]! < ranges[index]!.end && foundIn[index]! < share;
  /** Returns false once the partition has found its share. */
  const take = (index: number, entry: Entry): boolean => {
    positions[index] = entry.offset + 1n;
    scanned += 1;
    if (isWanted(entry)) {
      found.push(entry);
      foundIn[index]! += 1;
    }
    return foundIn[index]! < share;
  };
  const takePage = (index: number, page: Page) => {
    if (page.error !== undefined && !isRetriableError(page.error)) throw page.error;
    const { end } = ranges[index]!;
    for (const entry of entriesOf(page)) {
      if (entry.offset >= end) break;
      if (!take(index, entry)) return;
    }
    positions[index] = page.nextOffset < end ? page.nextOffset : end;
  };

  for (;;) {
    const open = ranges.map((_, index) => index).filter(isOpen);
    if (open.length === 0 || scanned >= limits.scannedMax || systemClock.monotonic() >= deadline)
      return { found, scanned, positions };
    const pages = await fetch(open.map((index) => ({ ...ranges[index]!, offset: positions[index]! })));
    for (const [at, page] of pages.entries()) takePage(open[at]!, page);
  }
}
