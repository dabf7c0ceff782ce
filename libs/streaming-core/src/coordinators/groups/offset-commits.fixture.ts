import { groupId, type Bench } from './coordinator.bench.ts';
import type { CommittedOffset } from './group-coordinator-port.ts';

/** A commit by a client that is not a member. */
export const anyone = { groupId, memberId: '', generationId: -1, groupInstanceId: null };

export const codes = async (answer: ReturnType<Bench['coordinator']['commitOffsets']>) =>
  (await answer).map(({ errorCode }) => errorCode);

export const offsets = (committed: readonly CommittedOffset[]) =>
  committed.map(({ partition, offset }) => [partition, offset]);
