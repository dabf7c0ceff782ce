import type { Member, MemberProtocols } from './member.ts';

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
