import type { DurationMs } from '../runtime/index.ts';
export interface CleaningResult {
  /** Everything below this offset was compacted. */
  readonly cleanedTo: bigint;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

/** The result of a finished round. */
export interface CompactedPartition extends CleaningResult {
  readonly name: string;
  readonly longestSliceMs: DurationMs;
}
