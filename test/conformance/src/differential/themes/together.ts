import {
  deleteGroups,
  describeGroups,
  findCoordinator,
  heartbeat,
  joinGroup,
  leaveGroup,
  offsetCommit,
  offsetDelete,
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

interface Company {
  readonly script: Script;
  readonly group: string;
  readonly topic: string;
  /** Who comes back under an instance id. */
  readonly instances: Readonly<Record<Person, string | null>>;
  /**
   * In the group, all of them in its stable generation, between two acts. The first one leads, and leaves only where one other is left at the
   * most: Apache Kafka takes any of several for the next leader.
   */
  present: readonly Person[];
}

const onlooker = people.length;

/** A group of several members, each waiting on a connection of its own while others come, go together, are replaced or ask out of turn. */
export function togetherTheme(script: Script): void {
  const { dice } = script;
  const group = `${script.prefix}-g`;
  const topic = script.topic('t');
  const instance = (who: Person) => (dice.chance(0.4) ? `${group}-${who}` : null);
  const company: Company = {
    script,
    group,
    topic,
    instances: { ada: instance('ada'), bob: instance('bob'), cleo: instance('cleo') },
    present: [],
  };
  script.settle(findCoordinator, { key: group, keyType: 0 }, ({ errorCode }) => errorCode === 0, {
    version: 2,
  });
  gather(company);
  const acts = { ask, leaveTogether, leaveWhileJoining, replace, replaceWhileJoining, assignLate, erase };
  for (let left = dice.between(3, 6); left > 0; left -= 1) {
    if (company.present.length < people.length) gather(company);
    acts[
      dice.weighted({
        ask: 2,
        leaveTogether: 2,
        leaveWhileJoining: 2,
        replace: 2,
        replaceWhileJoining: 1,
        assignLate: 2,
        erase: 2,
      })
    ](company);
  }
  leave(company, company.present);
  ask(company);
  script.send(deleteGroups, { groupsNames: [group] });
}

function joinOf(company: Company, who: Person, { anew = false } = {}) {
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

/** Its answer is there once everyone has joined. */
function startJoin(
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

function whenThere({ script, group }: Company, state: string, members: number): void {
  const isSo = ({ groups }: { groups: ReadonlyArray<{ groupState: string; members: readonly unknown[] }> }) =>
    groups[0]?.groupState === state && groups[0].members.length === members;
  script.settle(describeGroups, { groups: [group] }, isSo, { on: onlooker, version: 0 });
}

/** Whoever is not there joins, one after the other; those who are there join again. */
function gather(company: Company): void {
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

/** The one that leads first: the others are answered with what it has assigned. */
function assign(company: Company, { leader = leaderOf(company) } = {}): void {
  sync(company, leader, company.present);
  for (const who of company.present) if (who !== leader) sync(company, who, []);
}

const leaderOf = ({ present }: Company): Person => present[0]!;

function sync({ script, group, instances }: Company, who: Person, assigned: readonly Person[]): void {
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

/** All who are left, where the group waits for them already. */
function rejoin(company: Company): void {
  for (const who of company.present) startJoin(company, who);
  for (const who of company.present) company.script.await(who);
  assign(company);
}

/** Everyone's heartbeat, one commit and what is told of the group, by an onlooker: nobody who waits is held up. */
function ask(company: Company): void {
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

function leave(company: Company, leaving: readonly Person[], strangers = 0): void {
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

/** Some of a stable group, in any order, a stranger among them. */
function leaveTogether(company: Company): void {
  const { dice } = company.script;
  const [leader, second, third] = company.present as [Person, Person, Person];
  leave(
    company,
    dice.pick([[second], [third, second], [leader, third], [second, leader], people]),
    dice.between(0, 1),
  );
  ask(company);
  if (company.present.length > 0) rejoin(company);
}

/** Of a group that joins again: one who has done so and one who has not. */
function leaveWhileJoining(company: Company): void {
  const { script } = company;
  const leader = startRebalance(company);
  const [staying, late] = script.dice.chance(0.5)
    ? company.present.slice(1)
    : company.present.slice(1).reverse();
  startJoin(company, staying!);
  ask(company);
  leave(
    company,
    script.dice.pick([
      [leader, late!],
      [late!, leader],
    ]),
  );
  script.await(leader);
  script.await(staying!);
  assign(company);
}

/** The leader joins again, and waits for the others. */
function startRebalance(company: Company, as?: string): Person {
  const leader = leaderOf(company);
  startJoin(company, leader, { as });
  whenThere(company, 'PreparingRebalance', company.present.length);
  return leader;
}

/** The new process of a static member of a stable group; its predecessor asks once more. */
function replace(company: Company): void {
  const { script, instances } = company;
  const who = script.dice.pick(people);
  if (instances[who] === null) return ask(company);
  const former = (memory: Memory) => memory.set('former', idOf(memory, who));
  const { body, version, remember } = joinOf(company, who, { anew: true });
  script.send(joinGroup, body, {
    on: connectionOf(who),
    version,
    remember: (answer, memory) => (former(memory), remember(answer, memory)),
  });
  const predecessor = (memory: Memory) => ({
    groupId: company.group,
    generationId: generationOf(memory),
    memberId: memory.get('former', ''),
  });
  script.send(heartbeat, (memory) => ({ ...predecessor(memory), groupInstanceId: instances[who] }), {
    on: onlooker,
    version: 3,
  });
  sync(company, who, []);
  ask(company);
}

/** The same while its predecessor waits for the others to join again. */
function replaceWhileJoining(company: Company): void {
  const { script, instances, present } = company;
  if (instances[leaderOf(company)] === null) return ask(company);
  const leader = startRebalance(company, 'predecessor');
  startJoin(company, leader, { anew: true, on: onlooker + 1 });
  script.await('predecessor');
  ask(company);
  for (const who of present.slice(1)) startJoin(company, who);
  for (const who of present) script.await(who);
  assign(company);
}

/** Between a generation's beginning and its assignment: who asks again is told the same, who commits is sent away. */
function assignLate(company: Company): void {
  const { script, present } = company;
  startRebalance(company);
  for (const who of present.slice(1)) startJoin(company, who);
  for (const who of present) script.await(who);
  ask(company);
  const again = script.dice.pick(present);
  startJoin(company, again);
  script.await(again);
  if (script.dice.chance(0.5)) {
    leave(company, present.slice(0, 2));
    ask(company);
    rejoin(company);
  } else assign(company);
}

/** What may not go while members read it. */
function erase({ script, group, topic }: Company): void {
  const { dice } = script;
  const names = dice.pick([[topic], [topic, `${topic}-unknown`], ['__consumer_offsets', topic]]);
  script.send(
    offsetDelete,
    { groupId: group, topics: names.map((name) => ({ name, partitions: [{ partitionIndex: 0 }] })) },
    { on: onlooker },
  );
  script.send(deleteGroups, { groupsNames: [group] }, { on: onlooker });
}
