import type { HeldBytes } from '../../runtime/held-bytes.ts';
import type { Clock } from '../../runtime/index.ts';
import type { GroupSnapshot } from './group-snapshot.ts';
import type { GroupSettings } from './settings.ts';

/** While a group that was empty waits for more members than the first (G4). */
export interface Gathering {
  leftMs: number;
  joined: boolean;
}

export type GroupState =
  | { readonly name: 'Empty' }
  /** `pendingIdsCount`: the rebalance waits also for clients that were given an id and have not used it; not so when the group was empty. */
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
  /** By the members of all groups. */
  readonly held: HeldBytes;
  readonly newMemberSuffix: () => string;
  /** Writes the group's record; resolves when it is durable. Records of one group are written in the order of the calls. */
  readonly store: (snapshot: GroupSnapshot) => Promise<void>;
  readonly onStoreFailed: (groupId: string, error: unknown) => void;
}
