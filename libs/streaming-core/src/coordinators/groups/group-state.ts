import type { HeldBytes } from '../../runtime/held-bytes.ts';
import type { Clock } from '../../runtime/index.ts';
import type { GroupSettings } from './group-settings.ts';
import { metadataFor, type Member } from './member.ts';

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

/**
 * The contents of a group's record in `__consumer_offsets`, which let its members continue after a
 * restart.
 */
export interface GroupSnapshot {
  readonly groupId: string;
  readonly protocolType: string;
  readonly generationId: number;
  readonly protocolName: string | null;
  readonly leaderId: string | null;
  /** Unix milliseconds of the last change of state. */
  readonly changedAtMs: number;
  readonly members: readonly MemberSnapshot[];
}

interface MemberSnapshot {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly rebalanceTimeoutMs: number;
  readonly sessionTimeoutMs: number;
  readonly subscription: Buffer;
  readonly assignment: Buffer;
}

export function memberSnapshot(
  member: Member,
  protocolName: string | null,
  assignment: Buffer,
): MemberSnapshot {
  return {
    memberId: member.memberId,
    groupInstanceId: member.groupInstanceId,
    clientId: member.clientId,
    clientHost: member.clientHost,
    rebalanceTimeoutMs: member.rebalanceTimeoutMs,
    sessionTimeoutMs: member.sessionTimeoutMs,
    subscription: metadataFor(member, protocolName),
    assignment,
  };
}
