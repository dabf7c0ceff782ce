import { describeGroups, heartbeat, type WireClient } from '@millrace/streaming-core/protocol';
import { wasAsked, wasDone, type MembershipAsked, type PromiseBook } from './promise-book.ts';

/**
 * Checks that members keep their generation and assignment, and that members that have left are
 * gone.
 */
export async function memberProblems(
  client: WireClient,
  { memberships }: PromiseBook,
  at: number,
): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const group of new Set(memberships.map((membership) => membership.group))) {
    const last = memberships.findLast((membership) => membership.group === group && wasAsked(membership, at));
    if (last === undefined || !wasDone(last, at)) continue;
    if (!wasAsked(last.leaving, at)) problems.push(...(await stayProblems(client, last)));
    // If a later member may have begun to join, the broker promises nothing about the last one.
    const isNextIn = memberships.some(
      (membership) => membership.group === group && membership.askedAt > last.askedAt,
    );
    if (wasDone(last.leaving, at) && !isNextIn) problems.push(...(await leftProblems(client, last)));
  }
  return problems;
}

async function stayProblems(
  client: WireClient,
  { group, memberId, generationId, assignment }: MembershipAsked,
): Promise<readonly string[]> {
  const { errorCode } = await client.send(heartbeat, 4, { groupId: group, generationId, memberId });
  if (errorCode !== 0)
    return [`${group}: a member of generation ${generationId} is refused with error ${errorCode}`];
  const found = (await membersOf(client, group)).find((member) => member.memberId === memberId);
  const has = String(found?.memberAssignment);
  return has === assignment ? [] : [`${group}: a member was assigned ${assignment} but has ${has}`];
}

async function leftProblems(
  client: WireClient,
  { group, memberId }: MembershipAsked,
): Promise<readonly string[]> {
  const isThere = (await membersOf(client, group)).some((member) => member.memberId === memberId);
  return isThere ? [`${group}: a member that left is still there`] : [];
}

const membersOf = async (client: WireClient, group: string) =>
  (await client.send(describeGroups, 5, { groups: [group] })).groups[0]?.members ?? [];
