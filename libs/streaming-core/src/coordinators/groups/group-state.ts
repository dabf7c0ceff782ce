import type { HeldBytes } from '../../runtime/held-bytes.ts';
import type { Clock } from '../../runtime/index.ts';
import type { GroupSnapshot } from './group-snapshot.ts';
import type { GroupSettings } from './settings.ts';

/** The state of the initial delay, in which a formerly empty group waits for further members. */
export interface Gathering {
  leftMs: number;
  joined: boolean;
}

export type GroupState =
  | { readonly name: 'Empty' }
  /**
   * `pendingIdsCount`: whether the rebalance also waits for clients that received a member id and
   * have not joined with it. It does not if the group was empty.
   */
  | {
      readonly name: 'PreparingRebalance';
      readonly pendingIdsCount: boolean;
      readonly gathering: Gathering | undefined;
    }
  | { readonly name: 'CompletingRebalance'; readonly unsynced: Set<string>; storing: boolean }
  | { readonly name: 'Stable'; readonly unsynced: Set<string> }
  | { readonly name: 'Dead' };

export interface GroupPorts {
  readonly clock: Clock;
  readonly settings: GroupSettings;
  /** Memory held for the members of all groups. */
  readonly held: HeldBytes;
  readonly newMemberSuffix: () => string;
  /**
   * Writes the group's record and resolves when it is durable. Records of one group are written in
   * the order of the calls.
   */
  readonly store: (snapshot: GroupSnapshot) => Promise<void>;
  readonly onStoreFailed: (groupId: string, error: unknown) => void;
}
