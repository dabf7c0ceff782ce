import type { Disk } from '../disk/disk.ts';
import type { OpenFiles } from './open-files.ts';
import type { IndexChecksums } from './index-checksums.ts';

export interface SegmentContext {
  readonly disk: Disk;
  readonly files: OpenFiles;
  readonly indexIntervalBytes: number;
  /** Compaction may have left gaps in segments that begin below this offset. */
  readonly compactedBefore: bigint;
  readonly checksums: IndexChecksums;
}
