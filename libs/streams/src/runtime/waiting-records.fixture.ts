import type { FetchedRecord, UndecodedRecords } from '@millrace/streaming-core/client';
import type { WaitingRecords } from './partition-queue.ts';

/** These records as they wait after a fetch, and how many of them were taken. */
export function waitingRecords<Raw extends { readonly sizeBytes: number }>(
  records: readonly Raw[],
): WaitingRecords<Raw> & { readonly taken: number } {
  let taken = 0;
  return {
    countMax: records.length,
    sizeBytes: records.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    next: () => records[taken++],
    get taken() {
      return taken;
    },
  };
}

/** These records as a reader returns them. */
export function undecodedRecords(records: readonly FetchedRecord[]): UndecodedRecords {
  let taken = 0;
  return { countMax: records.length, sizeBytes: 0, next: () => records[taken++] };
}
