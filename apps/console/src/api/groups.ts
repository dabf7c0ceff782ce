/** How far a group is behind, on all of its topics or on one. */
export interface Reader {
  readonly group: string;
  /** As the broker names it, such as `Stable` or `Empty`. */
  readonly state: string;
  readonly members: number;
  readonly lag: number;
  /** The age of the oldest message that no member has handled. */
  readonly lagSeconds: number;
  readonly partitions: number;
}

export interface GroupList {
  readonly groups: readonly Reader[];
  /** Groups of other kinds than the classic one, which the console cannot describe. */
  readonly others: readonly string[];
}

export interface GroupPartition {
  readonly topic: string;
  readonly partition: number;
  readonly committed: number;
  readonly end: number;
  readonly lag: number;
  /** The age of what is read next; null if the log does not tell it. */
  readonly lagMs: number | null;
  readonly owner: string | null;
}

export interface GroupMember {
  readonly member: string;
  readonly clientId: string;
  readonly host: string;
  readonly partitions: number;
}

export interface ShownGroup {
  readonly group: string;
  readonly state: string;
  readonly assignor: string;
  readonly lag: number;
  readonly lagSeconds: number;
  readonly members: readonly GroupMember[];
  readonly partitions: readonly GroupPartition[];
  /** Whether the offsets are copies of those in the database of a service. */
  readonly areCopies: boolean;
}

/** An offset before and after a reset. */
export interface OffsetMove {
  readonly topic: string;
  readonly partition: number;
  readonly from: number | null;
  readonly to: number;
}
