import { readLeaderEpochs } from './leader-epoch-file.ts';
import { LeaderEpochs, startsFrom, type EpochStart } from './leader-epochs.ts';
import type { Segment } from '../segments/segment.ts';

/**
 * Reads the epochs of a log from its file, or from its batches if the file is missing, damaged or
 * older than the log.
 */
export function recoverLeaderEpochs(
  folder: string,
  segments: readonly Segment[],
  logStartOffset: bigint,
): LeaderEpochs {
  const last = segments.findLast(({ lastLeaderEpoch }) => lastLeaderEpoch !== undefined)?.lastLeaderEpoch;
  if (last === undefined) return new LeaderEpochs([]);
  const end = segments.at(-1)!.nextOffset;
  const stored = readLeaderEpochs(folder)?.filter(({ startOffset }) => startOffset < end);
  const fits = stored !== undefined && stored.at(-1)?.epoch === last;
  return new LeaderEpochs(
    fits ? startsFrom(stored, logStartOffset) : epochsInBatches(segments, logStartOffset),
  );
}

/** Does not scan a segment in which the epoch does not change. */
function epochsInBatches(segments: readonly Segment[], logStartOffset: bigint): readonly EpochStart[] {
  const starts: EpochStart[] = [];
  const note = (epoch: number, startOffset: bigint) => {
    if (starts.length === 0 || starts.at(-1)!.epoch < epoch) starts.push({ epoch, startOffset });
  };
  for (const segment of segments) {
    const first = segment.firstBatch();
    if (first === undefined) continue;
    note(first.leaderEpoch, first.baseOffset > logStartOffset ? first.baseOffset : logStartOffset);
    if (segment.lastLeaderEpoch === first.leaderEpoch) continue;
    for (const { batch } of segment.headers()) note(batch.leaderEpoch, batch.baseOffset);
  }
  return starts;
}
