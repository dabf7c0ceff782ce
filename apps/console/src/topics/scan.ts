import type { ReadRange } from '@millrace/operations/client';
import { isRetriableError, type FetchedPartition, type FetchPosition } from '@millrace/streaming-core/client';
import { systemClock } from '@millrace/streaming-core/runtime';

/** The result of one fetch from a partition. */
export interface FetchedEntries<Entry> extends Pick<FetchedPartition, 'nextOffset' | 'error'> {
  readonly entries: readonly Entry[];
}

interface Scan<Entry> {
  readonly ranges: readonly ReadRange[];
  readonly fetch: (positions: readonly FetchPosition[]) => Promise<readonly FetchedEntries<Entry>[]>;
  readonly isWanted: (entry: Entry) => boolean;
  readonly limits: {
    readonly foundMax: number;
    /** The limit on the results of one partition, so that no partition is left out. */
    readonly foundInPartitionMax?: number;
    readonly scannedMax: number;
    readonly timeMsMax: number;
  };
}

interface Scanned<Entry> {
  readonly found: readonly Entry[];
  readonly scanned: number;
  /** The rest of each range, in the order of the ranges. */
  readonly rest: readonly ReadRange[];
}

/** Reads ranges of a log until a limit is reached. Offsets without an entry count as read. */
export async function scan<Entry extends { readonly offset: bigint }>({
  ranges,
  fetch,
  isWanted,
  limits: { foundMax, foundInPartitionMax = foundMax, scannedMax, timeMsMax },
}: Scan<Entry>): Promise<Scanned<Entry>> {
  const deadline = systemClock.monotonic() + timeMsMax;
  const places = ranges.map((range) => ({ ...range, found: 0 }));
  const found: Entry[] = [];
  let scanned = 0;

  type Place = (typeof places)[number];
  const isFull = () => found.length >= foundMax || scanned >= scannedMax;
  const isOpen = (place: Place) => place.offset < place.end && place.found < foundInPartitionMax;
  const take = (place: Place, { entries, nextOffset, error }: FetchedEntries<Entry>) => {
    if (error !== undefined && !isRetriableError(error)) throw error;
    for (const entry of entries) {
      if (entry.offset >= place.end) break;
      if (isFull() || !isOpen(place)) return;
      place.offset = entry.offset + 1n;
      scanned += 1;
      if (!isWanted(entry)) continue;
      place.found += 1;
      found.push(entry);
    }
    place.offset = nextOffset < place.end ? nextOffset : place.end;
  };

  for (;;) {
    const open = places.filter(isOpen);
    if (open.length === 0 || isFull() || systemClock.monotonic() >= deadline)
      return { found, scanned, rest: places };
    const pages = await fetch(open);
    for (const [index, page] of pages.entries()) take(open[index]!, page);
  }
}
