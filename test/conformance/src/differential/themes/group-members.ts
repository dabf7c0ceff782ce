import type { Memory } from '../script.ts';

/** The members of a group. Each has its own connection, since one may wait for another. */
export const people = ['ada', 'bob', 'cleo'] as const;
export type Person = (typeof people)[number];

/**
 * Versions of JoinGroup: the first that assigns a member id before it admits anyone (KIP-394), and
 * the first with a group instance id (KIP-345).
 */
export const memberIdsSince = 4;
export const instancesSince = 5;

export const connectionOf = (who: Person): number => people.indexOf(who);
export const idOf = (memory: Memory, who: Person): string => memory.get(`member:${who}`, '');
export const generationOf = (memory: Memory): number => memory.get('generation', -1);

/** Remembers the answer to a join for `idOf` and `generationOf`. */
export const rememberMember =
  (who: Person) =>
  (
    { memberId, generationId }: { readonly memberId: string; readonly generationId: number },
    memory: Memory,
  ): void => {
    memory.set(`member:${who}`, memberId);
    if (generationId >= 0) memory.set('generation', generationId);
  };

/**
 * A subscription of the consumer protocol, version 0, to one topic, with the member's name as user
 * data.
 */
export function subscriptionOf(topic: string, who: Person): Buffer {
  const head = Buffer.from([0, 0, 0, 0, 0, 1, 0, topic.length]);
  return Buffer.concat([head, Buffer.from(topic), Buffer.from([0, 0, 0, 4]), Buffer.from(who.padEnd(4))]);
}
