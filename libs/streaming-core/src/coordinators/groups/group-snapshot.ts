import { metadataFor } from './member.ts';
import type { Member } from './member.ts';

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

export interface MemberSnapshot {
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
