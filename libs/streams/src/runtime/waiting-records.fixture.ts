import type { WaitingRecords } from './partition-queue.ts';

/** These records as a fetch brings them, and how many of them were taken. */
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
