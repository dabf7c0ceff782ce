import type { PartitionCounts } from './application-topics.ts';
import type { ProcessTasks } from './assign-tasks.ts';
import type { AssignmentErrorCode } from './assignment-error.ts';
import { objectIn } from './member-data.ts';

/** The tasks of a process, and where its queries are answered. */
export interface TaskOwner extends ProcessTasks {
  readonly processId: string;
  readonly endpoint?: string;
}

/** The user data that the leader sends to a member. */
export type AssignmentData =
  | {
      readonly status: 'assigned';
      /** The process of the member, or undefined if the member gets no tasks. */
      readonly processId: string | undefined;
      /** All processes, so that queries find the one with a key. */
      readonly owners: readonly TaskOwner[];
      /** The numbers of partitions that the tasks were made from. */
      readonly counts: PartitionCounts;
      /** True if this member is to ask for another rebalance later, because tasks are to move. */
      readonly probe: boolean;
    }
  | { readonly status: 'refused'; readonly code: AssignmentErrorCode; readonly message: string };

const version = 1;

/** Encodes the data as JSON of version 1. */
export function encodeAssignment(data: AssignmentData): Buffer {
  const counts = data.status === 'assigned' ? Object.fromEntries(data.counts) : undefined;
  return Buffer.from(JSON.stringify({ version, ...data, counts }));
}

/**
 * Decodes what a leader of this version has sent. Returns undefined if the leader has another
 * version.
 */
export function decodeAssignment(data: Buffer | null | undefined): AssignmentData | undefined {
  const decoded = objectIn(data) as
    | (AssignmentData & { readonly version: unknown; readonly counts: Readonly<Record<string, number>> })
    | undefined;
  if (decoded?.version !== version) return undefined;
  if (decoded.status === 'refused')
    return { status: 'refused', code: decoded.code, message: decoded.message };
  const { processId, owners, probe, counts } = decoded;
  return { status: 'assigned', processId, owners, probe, counts: new Map(Object.entries(counts)) };
}
