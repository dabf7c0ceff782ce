import {
  describeGroups,
  heartbeat,
  joinGroup,
  leaveGroup,
  offsetCommit,
  syncGroup,
} from '@millrace/streaming-core/protocol';
import type { Memory, Script } from '../script.ts';
import {
  connectionOf,
  generationOf,
  idOf,
  instancesSince,
  memberIdsSince,
  people,
  rememberMember,
  subscriptionOf,
  type Person,
} from './group-members.ts';

export interface Company {
  readonly script: Script;
  readonly group: string;
  readonly topic: string;
  readonly instances: Readonly<Record<Person, string | null>>;
  /**
   * The members in the group's stable generation between two acts. The first one leads. It leaves
   * only if at most one other member stays, since Apache Kafka may choose any of several as the
   * next leader.
   */
  present: readonly Person[];
}

export const onlooker = people.length;

export function joinOf(company: Company, who: Person, { anew = false } = {}) {
  const { script, group, topic, instances } = company;
  const instance = instances[who];
  const version =
    instance === null
      ? script.dice.between(0, memberIdsSince - 1)
      : script.dice.between(instancesSince, joinGroup.versions.max);
  const body = (memory: Memory) => ({
    groupId: group,
    sessionTimeoutMs: 30_000,
    rebalanceTimeoutMs: 30_000,
    reason: null,
    memberId: anew ? '' : idOf(memory, who),
    groupInstanceId: instance,
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: subscriptionOf(topic, who) }],
  });
  return { body, version, remember: rememberMember(who) };
}

/** Starts a join. Its answer arrives once everyone has joined. */
export function startJoin(
  company: Company,
  who: Person,
  {
    anew = false,
    as = who,
    on = connectionOf(who),
  }: { readonly anew?: boolean; readonly as?: string; readonly on?: number } = {},
): void {
  const { body, version, remember } = joinOf(company, who, { anew });
  company.script.start(as, joinGroup, body, { on, version, remember });
}

export function whenThere({ script, group }: Company, state: string, members: number): void {
  const isSo = ({ groups }: { groups: ReadonlyArray<{ groupState: string; members: readonly unknown[] }> }) =>
    groups[0]?.groupState === state && groups[0].members.length === members;
  script.settle(describeGroups, { groups: [group] }, isSo, { on: onlooker, version: 0 });
}

/** The absent members join one after the other, and the present ones join again. */
export function gather(company: Company): void {
  const absent = people.filter((who) => !company.present.includes(who));
  const [first, ...others] = company.present.concat(absent);
  if (company.present.length === 0) {
    const { body, version, remember } = joinOf(company, first!, { anew: true });
    company.script.send(joinGroup, body, { on: connectionOf(first!), version, remember });
    company.present = [first!];
    assign(company);
  }
  const known = company.present.filter((who) => who !== first);
  others
    .filter((who) => !known.includes(who))
    .forEach((who, index) => {
      startJoin(company, who, { anew: true });
      whenThere(company, 'PreparingRebalance', company.present.length + index + 1);
    });
  for (const who of company.present) startJoin(company, who);
  company.present = [first!, ...others];
  for (const who of company.present) company.script.await(who);
  assign(company);
}

/** The leader sends SyncGroup first, so that the others receive its assignment. */
export function assign(company: Company, { leader = leaderOf(company) } = {}): void {
  sync(company, leader, company.present);
  for (const who of company.present) if (who !== leader) sync(company, who, []);
}

export const leaderOf = ({ present }: Company): Person => present[0]!;

export function sync({ script, group, instances }: Company, who: Person, assigned: readonly Person[]): void {
  const version = instances[who] === null ? script.dice.between(0, 5) : script.dice.between(3, 5);
  const body = (memory: Memory) => ({
    groupId: group,
    generationId: generationOf(memory),
    memberId: idOf(memory, who),
    groupInstanceId: instances[who],
    protocolType: 'consumer',
    protocolName: 'range',
    assignments: assigned.map((each) => ({ memberId: idOf(memory, each), assignment: Buffer.from(each) })),
  });
  script.send(syncGroup, body, { on: connectionOf(who), version });
}

/** All remaining members join again. The group is already waiting for them. */
export function rejoin(company: Company): void {
  for (const who of company.present) startJoin(company, who);
  for (const who of company.present) company.script.await(who);
  assign(company);
}

/**
 * Everyone sends a heartbeat, one member commits, and an onlooker describes the group. No waiting
 * member is delayed.
 */
export function ask(company: Company): void {
  const { script, group, instances, topic } = company;
  const { dice } = script;
  for (const who of people) {
    const groupInstanceId = instances[who];
    const member = (memory: Memory) => ({
      groupId: group,
      generationId: generationOf(memory),
      memberId: idOf(memory, who),
      groupInstanceId,
    });
    script.send(heartbeat, member, { on: onlooker, version: dice.between(3, heartbeat.versions.max) });
  }
  const who = dice.pick(people);
  const partitions = [
    { partitionIndex: 0, committedOffset: BigInt(dice.between(0, 9)), committedMetadata: '' },
  ];
  const committer = (memory: Memory) => ({
    groupId: group,
    generationIdOrMemberEpoch: generationOf(memory),
    memberId: idOf(memory, who),
    groupInstanceId: instances[who],
    topics: [{ name: topic, partitions }],
  });
  script.send(offsetCommit, committer, { on: onlooker, version: dice.between(7, 9) });
  script.send(describeGroups, { groups: [group] }, { on: onlooker });
}

export function leave(company: Company, leaving: readonly Person[], strangers = 0): void {
  const { script, group, instances } = company;
  const byInstance = leaving.map((who) => instances[who] !== null && script.dice.chance(0.5));
  const body = (memory: Memory) => ({
    groupId: group,
    memberId: '',
    members: [
      ...leaving.map((who, index) => ({
        memberId: byInstance[index] ? '' : idOf(memory, who),
        groupInstanceId: instances[who],
      })),
      ...Array.from({ length: strangers }, () => ({ memberId: 'nobody' })),
    ],
  });
  script.send(leaveGroup, body, { on: onlooker, version: script.dice.between(3, leaveGroup.versions.max) });
  company.present = company.present.filter((who) => !leaving.includes(who));
}
