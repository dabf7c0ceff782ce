import type { Member, MemberProtocols } from './member.ts';

/** Measured, rounded up: a member with its timer, one of its protocols, an id that was handed out. Texts may have two bytes for each unit. */
const bytesEach = 1_000;
const bytesPerProtocol = 150;
const bytesOfIdEach = 500;
const bytesPerUnit = 2;

/** What a JoinGroup says of its protocols, in memory. */
export const bytesOfProtocols = (protocols: MemberProtocols): number =>
  protocols.reduce(
    (sum, { name, metadata }) => sum + bytesPerProtocol + bytesPerUnit * name.length + metadata.length,
    0,
  );

/** An estimate of the memory of a member, for the limit over all groups. */
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
