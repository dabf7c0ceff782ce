import type { Deadline } from './deadline.ts';
import type { JoinGroupInput, JoinGroupResult, SyncGroupResult } from './group-coordinator-port.ts';

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
