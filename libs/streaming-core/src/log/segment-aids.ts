import { readdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AbortedIndex } from './transactions/aborted-index.ts';
import type { Disk } from './disk/disk.ts';
import { readIfPresent } from './disk/read-if-present.ts';
import { encodeProducerSnapshot } from './producers/producer-snapshot.ts';
import type { ProducerStates } from './producers/producer-states.ts';
import type { IndexChecksums } from './segments/index-checksums.ts';
import type { Segment } from './segments/segment.ts';
import { segmentName } from './data-folder/segment-name.ts';

interface Aids {
  readonly disk: Disk;
  readonly checksums: IndexChecksums;
  readonly folder: string;
  /** The segment that was rolled or is being closed. */
  readonly left: Segment;
  readonly logEndOffset: bigint;
  readonly producers: ProducerStates;
  readonly aborted: AbortedIndex;
}

const snapshotsKept = 2;

/**
 * Writes indexes and a producer snapshot, which only save time at the next start: without them the
 * log is read. Skips a file that has not changed, because a write would wait for the disk.
 */
export function writeAids({ disk, checksums, folder, left, logEndOffset, producers, aborted }: Aids): void {
  left.writeIndexFiles();
  aborted.complete(left.baseOffset, disk);
  const snapshotPath = join(folder, `${segmentName(logEndOffset)}.snapshot`);
  const snapshot = encodeProducerSnapshot(producers.all());
  if (readIfPresent(snapshotPath)?.equals(snapshot) !== true) writeFileSync(snapshotPath, snapshot);
  const stored = readdirSync(folder).filter((one) => /^\d{20}\.snapshot$/.test(one));
  for (const old of stored.sort().slice(0, -snapshotsKept)) unlinkSync(join(folder, old));
  checksums.save();
}
