import { errorCodes, joinGroup, leaveGroup, syncGroup } from '@millrace/streaming-core/protocol';
import type { AskingClient } from './asking-client.ts';
import { answerTo } from './asking.ts';
import type { MembershipAsked } from './promise-book.ts';

const protocolType = 'consumer';
const sessionTimeoutMs = 600_000;

/**
 * Joins a group as its only member and leader, and gives itself the assignment. Resolves with
 * undefined when the broker did not let it in.
 */
export async function joinAlone(
  { asking }: AskingClient,
  group: string,
  assignment: string,
): Promise<MembershipAsked | undefined> {
  const { client, book, now } = asking;
  const join = (memberId: string) =>
    client.send(joinGroup, 7, {
      groupId: group,
      sessionTimeoutMs,
      rebalanceTimeoutMs: sessionTimeoutMs,
      memberId,
      protocolType,
      protocols: [{ name: 'range', metadata: Buffer.from('subscription') }],
    });
  const told = await join('').catch(() => undefined);
  if (told?.errorCode !== errorCodes.MEMBER_ID_REQUIRED) return undefined;
  const { memberId } = told;
  const joined = await join(memberId).catch(() => undefined);
  if (joined?.errorCode !== 0) return undefined;
  const asked: MembershipAsked = {
    askedAt: now(),
    group,
    memberId,
    generationId: joined.generationId,
    assignment,
  };
  book.memberships.push(asked);
  await answerTo(asked, now, async () => {
    const assignments = [{ memberId, assignment: Buffer.from(assignment) }];
    const request = {
      groupId: group,
      generationId: joined.generationId,
      memberId,
      protocolType,
      protocolName: 'range',
      assignments,
    };
    return (await client.send(syncGroup, 5, request)).errorCode;
  });
  return asked.doneAt === undefined ? undefined : asked;
}

export async function leave({ asking }: AskingClient, membership: MembershipAsked): Promise<void> {
  const { client, now } = asking;
  membership.leaving = { askedAt: now() };
  await answerTo(membership.leaving, now, async () => {
    const { group: groupId, memberId } = membership;
    return (await client.send(leaveGroup, 4, { groupId, members: [{ memberId }] })).errorCode;
  });
}
