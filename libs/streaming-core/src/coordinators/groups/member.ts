import type { Deadline } from '../../runtime/clock.ts';
import type { JoinGroupInput, JoinGroupResult, SyncGroupResult } from './group-requests.ts';
import type { HeldBytes } from '../../runtime/held-bytes.ts';
import type { Clock } from '../../runtime/index.ts';
import type { GroupSettings } from './group-settings.ts';

export type MemberProtocols = JoinGroupInput['protocols'];
type Reply<Result> = (result: Result) => void;

/** A member of a classic group and its parked requests. */
export interface Member {
  memberId: string;
  readonly groupInstanceId: string | null;
  clientId: string;
  clientHost: string;
  sessionTimeoutMs: number;
  rebalanceTimeoutMs: number;
  protocols: MemberProtocols;
  assignment: Buffer;
  /**
   * True until its first JoinGroup is answered. Until then it has no id to send heartbeats with.
   */
  isNew: boolean;
  join: Reply<JoinGroupResult> | undefined;
  sync: Reply<SyncGroupResult> | undefined;
  readonly session: Deadline;
  /** The memory of the member as last counted in the total of all members. */
  heldBytes: number;
}

export type MemberDetails = Pick<
  Member,
  | 'memberId'
  | 'groupInstanceId'
  | 'clientId'
  | 'clientHost'
  | 'sessionTimeoutMs'
  | 'rebalanceTimeoutMs'
  | 'protocols'
>;

export const noBytes: Buffer = Buffer.alloc(0);

/**
 * Copies the bytes, because the bytes of a request are views that would keep its whole message in
 * memory.
 */
const ownProtocols = (protocols: MemberProtocols): MemberProtocols =>
  protocols.map(({ name, metadata }) => ({ name, metadata: Buffer.from(metadata) }));

export function newMember(details: MemberDetails, session: Deadline): Member {
  const { memberId, groupInstanceId, clientId, clientHost, sessionTimeoutMs, rebalanceTimeoutMs } = details;
  return {
    memberId,
    groupInstanceId,
    clientId,
    clientHost,
    sessionTimeoutMs,
    rebalanceTimeoutMs,
    protocols: ownProtocols(details.protocols),
    assignment: noBytes,
    isNew: true,
    join: undefined,
    sync: undefined,
    session,
    heldBytes: 0,
  };
}

export function metadataFor(member: Member, protocolName: string | null): Buffer {
  return member.protocols.find(({ name }) => name === protocolName)?.metadata ?? noBytes;
}

/** Whether the names, their order and the metadata are equal, so that no rebalance is needed. */
export function sameProtocols(a: MemberProtocols, b: MemberProtocols): boolean {
  return (
    a.length === b.length &&
    a.every(({ name, metadata }, index) => {
      const other = b[index];
      return other !== undefined && other.name === name && other.metadata.equals(metadata);
    })
  );
}

/** JoinGroup v0 has no rebalance timeout, so the session timeout is used. */
export function rebalanceTimeoutOf(input: JoinGroupInput): number {
  return input.rebalanceTimeoutMs < 0 ? input.sessionTimeoutMs : input.rebalanceTimeoutMs;
}

export function describeAnew(member: Member, input: JoinGroupInput): void {
  member.clientId = input.clientId;
  member.clientHost = input.clientHost;
  member.sessionTimeoutMs = input.sessionTimeoutMs;
  member.rebalanceTimeoutMs = rebalanceTimeoutOf(input);
  member.protocols = ownProtocols(input.protocols);
}

/**
 * Memory of a member with its timer, of one of its protocols, or of a pending member id: measured
 * and rounded up. Strings may take two bytes per UTF-16 unit.
 */
const bytesEach = 1_000;
const bytesPerProtocol = 150;
const bytesOfIdEach = 500;
const bytesPerUnit = 2;

/** The memory of a member's protocols. */
export const bytesOfProtocols = (protocols: MemberProtocols): number =>
  protocols.reduce(
    (sum, { name, metadata }) => sum + bytesPerProtocol + bytesPerUnit * name.length + metadata.length,
    0,
  );

/** Estimates the memory of a member, for the limit over all groups. */
export const bytesOfMember = ({
  memberId,
  groupInstanceId,
  clientId,
  clientHost,
  protocols,
  assignment,
}: Pick<
  Member,
  'memberId' | 'groupInstanceId' | 'clientId' | 'clientHost' | 'protocols' | 'assignment'
>): number =>
  bytesEach +
  bytesPerUnit * (memberId.length + (groupInstanceId?.length ?? 0) + clientId.length + clientHost.length) +
  bytesOfProtocols(protocols) +
  assignment.length;

export const bytesOfId = (memberId: string): number => bytesOfIdEach + bytesPerUnit * memberId.length;

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
