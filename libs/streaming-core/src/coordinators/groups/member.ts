import type { Deadline } from './deadline.ts';
import type { JoinGroupInput, JoinGroupResult, SyncGroupResult } from './types.ts';

export type MemberProtocols = JoinGroupInput['protocols'];
export type Reply<Result> = (result: Result) => void;

/** A member of a classic group and the answers it waits for. */
export interface Member {
  memberId: string;
  readonly groupInstanceId: string | null;
  clientId: string;
  clientHost: string;
  sessionTimeoutMs: number;
  rebalanceTimeoutMs: number;
  protocols: MemberProtocols;
  assignment: Buffer;
  /** True until its first JoinGroup is answered: it has no id to send heartbeats with. */
  isNew: boolean;
  join: Reply<JoinGroupResult> | undefined;
  sync: Reply<SyncGroupResult> | undefined;
  readonly session: Deadline;
  /** What it was last found to take of the memory of all members. */
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

/** Bytes of a request are views of its message: what is kept for long is copied. */
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

/** Same names in the same order with the same bytes: nothing for the group to decide anew. */
export function sameProtocols(a: MemberProtocols, b: MemberProtocols): boolean {
  return (
    a.length === b.length &&
    a.every(({ name, metadata }, index) => {
      const other = b[index];
      return other !== undefined && other.name === name && other.metadata.equals(metadata);
    })
  );
}

/** JoinGroup v0 has no rebalance timeout: the session timeout stands for it (G5). */
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
