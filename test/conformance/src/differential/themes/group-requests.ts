import { heartbeat, joinGroup, syncGroup } from '@millrace/streaming-core/protocol';
import type { Memory, Script } from '../script.ts';
import {
  connectionOf,
  generationOf,
  idOf,
  instancesSince,
  memberIdsSince,
  rememberMember,
  subscriptionOf,
  type Person,
} from './group-members.ts';

export const newestSync = 5;

/** The topic to which all members subscribe. Nobody checks whether it exists. */
export const soleTopic = 't';

interface Join {
  readonly member: Person;
  readonly instance?: string | null;
  readonly version?: number;
}

export const joinBody =
  (group: string, { member, instance = null, version }: Required<Pick<Join, 'member' | 'version'>> & Join) =>
  (memory: Memory) => ({
    groupId: group,
    sessionTimeoutMs: 30_000,
    rebalanceTimeoutMs: 30_000,
    memberId: idOf(memory, member),
    groupInstanceId: version >= instancesSince ? instance : null,
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: subscriptionOf(soleTopic, member) }],
    reason: null,
  });

/** Joins a group. From version 4 on, the first answer only assigns an id (KIP-394). */
export function join(
  script: Script,
  group: string,
  { member, instance = null, version = script.dice.between(0, joinGroup.versions.max) }: Join,
): void {
  const options = { on: connectionOf(member), version, remember: rememberMember(member) };
  script.send(joinGroup, joinBody(group, { member, instance, version }), options);
  if (version >= memberIdsSince && (instance === null || version < instancesSince))
    script.send(joinGroup, joinBody(group, { member, instance, version }), options);
}

export function sync(
  script: Script,
  group: string,
  member: Person,
  assigned: readonly Person[] = [member],
): void {
  const version = script.dice.between(0, newestSync);
  script.send(
    syncGroup,
    (memory) => ({
      groupId: group,
      generationId: generationOf(memory),
      memberId: idOf(memory, member),
      protocolType: 'consumer',
      protocolName: 'range',
      assignments: assigned.map((each) => ({ memberId: idOf(memory, each), assignment: Buffer.from(each) })),
    }),
    { on: connectionOf(member), version },
  );
}

export function beat(script: Script, group: string, member: Person): void {
  script.send(
    heartbeat,
    (memory) => ({ groupId: group, generationId: generationOf(memory), memberId: idOf(memory, member) }),
    {
      on: connectionOf(member),
    },
  );
}
