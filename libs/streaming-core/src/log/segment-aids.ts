import { readdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AbortedIndex } from './aborted-index.ts';
import { encodeProducerSnapshot } from './producer-snapshot.ts';
import type { ProducerStates } from './producer-states.ts';
import { segmentName, type Segment } from './segment.ts';

interface Aids {
  readonly folder: string;
  /** The segment that is left. */
  readonly left: Segment;
  readonly logEndOffset: bigint;
  readonly producers: ProducerStates;
  readonly aborted: AbortedIndex;
}

const snapshotsKept = 2;

/** Indexes and snapshot only save time after a restart: without them the log itself is read. */
export function writeAids({ folder, left, logEndOffset, producers, aborted }: Aids): void {
  left.writeIndexFiles();
  aborted.complete(left.baseOffset);
  writeFileSync(join(folder, `${segmentName(logEndOffset)}.snapshot`), encodeProducerSnapshot(producers.all()));
  const stored = readdirSync(folder).filter((one) => one.endsWith('.snapshot'));
  for (const old of stored.sort().slice(0, -snapshotsKept)) unlinkSync(join(folder, old));
}
