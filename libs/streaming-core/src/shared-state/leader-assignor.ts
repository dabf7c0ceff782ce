import { z } from 'zod';
import type { Assignor, GroupMember, MemberAssignment } from '../client/index.ts';

/** A process that takes part in an election. */
export interface ElectedMember {
  readonly memberId: string;
  /** Where the others reach it over HTTP. */
  readonly url: string;
}

/** What all members of one generation know. */
export interface Electorate {
  readonly generationId: number;
  readonly leader: ElectedMember;
  readonly members: readonly ElectedMember[];
}

const candidate = z.object({ url: z.string(), ledGeneration: z.int() });
const member = z.object({ memberId: z.string(), url: z.string() });
const result = z.object({ leader: member, members: z.array(member) });

export interface Candidacy {
  readonly topic: string;
  readonly url: string;
  /** The last generation that this process has led, or -1. */
  ledGeneration(): number;
  onElectorate(electorate: Electorate): void;
}

/**
 * Gives partition 0 of the topic to one member, which stays the leader as long as it is a member,
 * and tells every member who leads and who else is there.
 */
export const leaderAssignor = ({ topic, url, ledGeneration, onElectorate }: Candidacy): Assignor => ({
  name: 'millrace-leader',
  protocols: ['eager'],
  userData: () => encoded({ url, ledGeneration: ledGeneration() }),
  assign(members) {
    const candidates = members.map(candidateOf).sort(byClaim);
    const [leader] = candidates;
    const userData = encoded({ leader, members: candidates });
    return new Map(
      candidates.map(({ memberId }): [string, MemberAssignment] => {
        const partitions = memberId === leader?.memberId ? [{ topic, partition: 0 }] : [];
        return [memberId, { partitions, userData }];
      }),
    );
  },
  onAssignment({ userData, generationId }) {
    onElectorate({ generationId, ...result.parse(decoded(userData)) });
  },
});

interface Candidate extends ElectedMember {
  readonly ledGeneration: number;
}

const candidateOf = ({ memberId, userData }: GroupMember): Candidate => ({
  memberId,
  ...candidate.parse(decoded(userData)),
});

/** The last leader first, then by address, so that the order does not depend on who joined first. */
const byClaim = (left: Candidate, right: Candidate): number =>
  right.ledGeneration - left.ledGeneration ||
  Number(left.url > right.url) - Number(left.url < right.url) ||
  Number(left.memberId > right.memberId) - Number(left.memberId < right.memberId);

const encoded = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

const decoded = (userData: Buffer | null | undefined): unknown => JSON.parse(userData?.toString() || 'null');
