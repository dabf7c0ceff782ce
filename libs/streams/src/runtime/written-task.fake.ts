import type { OffsetToCommit } from '@millrace/streaming-core/client';
import { systemClock } from '@millrace/streaming-core/runtime';
import type { CommittedTask } from './committer.ts';

/** A task with these offsets to commit, whose records are written once the promise resolves. */
export const taskWith = (offsets: readonly OffsetToCommit[], written: Promise<unknown>): CommittedTask => ({
  hasWork: true,
  flushCaches: () => undefined,
  flushOutputs: async () => void (await written),
  offsets: () => offsets,
  keepState: () => undefined,
  giveUp: () => undefined,
});

/** Flushes all caches in one turn. */
export const oneSlice = { clock: systemClock, sliceMsMax: Infinity };
