import type { GroupLag, OwnedLag } from '@millrace/operations/client';
import type { OffsetChange } from '@millrace/streaming-core/client';
import type { WithNumbers } from './with-numbers.ts';

/** The lag of a group, on all of its topics or on one. */
export type Reader = WithNumbers<GroupLag>;

export interface GroupList {
  readonly groups: readonly Reader[];
  /** Groups of other kinds than the classic one, which the console cannot describe. */
  readonly others: readonly string[];
}

export type GroupPartition = WithNumbers<OwnedLag>;

export interface GroupMember {
  readonly member: string;
  readonly clientId: string;
  readonly host: string;
  readonly partitions: number;
}

export interface ShownGroup extends Pick<Reader, 'group' | 'state' | 'lag' | 'lagSeconds'> {
  readonly assignor: string;
  readonly members: readonly GroupMember[];
  readonly partitions: readonly GroupPartition[];
  /** Whether the offsets are copies of those in the database of a service. */
  readonly areCopies: boolean;
}

/** An offset before and after a reset. */
export type OffsetMove = WithNumbers<OffsetChange>;
