import {
  deleteGroups,
  describeGroups,
  findCoordinator,
  heartbeat,
  joinGroup,
  leaveGroup,
  listGroups,
  offsetCommit,
  offsetFetch,
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
} from './group-members.ts';
import { newestSync, soleTopic, joinBody, join, sync, beat } from './group-requests.ts';
import { leaving, withOtherProtocol, odd } from './group-mistakes.ts';

/**
 * Plays classic groups: members that come, leave, are unknown, are of another generation or have
 * another protocol.
 */
export function groupsTheme(script: Script): void {
  const { dice } = script;
  const group = `${script.prefix}-g`;
  script.settle(findCoordinator, { key: group, keyType: 0 }, ({ errorCode }) => errorCode === 0, {
    version: 2,
  });
  const instance = dice.chance(0.3) ? `${script.prefix}-ada` : null;
  alone(script, group, instance);
  const acts = {
    odd,
    look,
    second,
    rejoin,
    leaving,
    withOtherProtocol,
    restart,
    handedOut,
    withOtherMetadata,
    commit,
  };
  const often = { odd: 5, look: 3, second: 1, rejoin: 1, leaving: 1, withOtherProtocol: 1 };
  const weights = {
    ...often,
    restart: instance === null ? 0 : 2,
    handedOut: 1,
    withOtherMetadata: 0.5,
    commit: 1,
  };
  for (let left = dice.between(5, 12); left > 0; left -= 1) acts[dice.weighted(weights)](script, group);
  script.send(deleteGroups, { groupsNames: [group, `${group}-unknown`] });
}

function alone(script: Script, group: string, instance: string | null): void {
  const version = script.dice.between(instance === null ? 0 : instancesSince, joinGroup.versions.max);
  join(script, group, { member: 'ada', instance, version });
  if (script.dice.chance(0.9)) sync(script, group, 'ada');
}

/**
 * Adds a second member. The first learns of it from its heartbeat, and afterwards both have the
 * same generation.
 */
function second(script: Script, group: string): void {
  const version = script.dice.between(0, memberIdsSince - 1);
  const member = script.dice.pick(['bob', 'cleo'] as const);
  const waiting = joinBody(group, { member, version });
  script.start('second', joinGroup, waiting, {
    on: connectionOf(member),
    version,
    remember: rememberMember(member),
  });
  script.settle(
    describeGroups,
    { groups: [group] },
    ({ groups }, memory) =>
      groups[0]?.members.some(({ memberId }) => memberId !== idOf(memory, 'ada')) ?? false,
    { on: 3, version: 0 },
  );
  beat(script, group, 'ada');
  join(script, group, { member: 'ada', version });
  script.await('second');
  sync(script, group, 'ada', ['ada', member]);
  sync(script, group, member, []);
  script.send(
    leaveGroup,
    (memory) => ({
      groupId: group,
      memberId: idOf(memory, member),
      members: [{ memberId: idOf(memory, member) }],
    }),
    {
      on: connectionOf(member),
    },
  );
  beat(script, group, 'ada');
  join(script, group, { member: 'ada', version });
  sync(script, group, 'ada');
}

function rejoin(script: Script, group: string): void {
  join(script, group, { member: 'ada', version: script.dice.between(0, memberIdsSince - 1) });
  if (script.dice.chance(0.8)) sync(script, group, 'ada');
}

/**
 * Starts a new process of the static member (KIP-345). It knows its instance id but no member id,
 * and its predecessor continues for a moment.
 */
function restart(script: Script, group: string): void {
  const { dice } = script;
  const instance = `${script.prefix}-ada`;
  const version = dice.between(instancesSince, joinGroup.versions.max);
  script.send(
    joinGroup,
    (memory) => ({ ...joinBody(group, { member: 'ada', instance, version })(memory), memberId: '' }),
    {
      version,
      remember: (answer, memory) => {
        memory.set('former', idOf(memory, 'ada'));
        rememberMember('ada')(answer, memory);
      },
    },
  );
  const groupInstanceId = dice.pick([instance, null]);
  const former = (memory: Memory) => ({
    groupId: group,
    generationId: generationOf(memory),
    memberId: memory.get('former', ''),
  });
  if (dice.chance(0.5)) script.send(heartbeat, (memory) => ({ ...former(memory), groupInstanceId }));
  if (dice.chance(0.8)) sync(script, group, 'ada');
}

/**
 * Asks for an id (KIP-394) that never joins. The id leaves, or the next rebalance would wait for
 * it.
 */
function handedOut(script: Script, group: string): void {
  const { dice } = script;
  const version = dice.between(memberIdsSince, joinGroup.versions.max);
  script.send(joinGroup, joinBody(group, { member: 'cleo', version }), {
    on: 3,
    version,
    remember: rememberMember('cleo'),
  });
  const who = (memory: Memory) => ({
    groupId: group,
    generationId: generationOf(memory),
    memberId: idOf(memory, 'cleo'),
  });
  if (dice.chance(0.5)) script.send(heartbeat, who, { on: 3 });
  else
    script.send(syncGroup, (memory) => ({ ...who(memory), assignments: [] }), {
      on: 3,
      version: dice.between(0, newestSync - 1),
    });
  script.send(leaveGroup, (memory) => ({ ...who(memory), members: [{ memberId: idOf(memory, 'cleo') }] }), {
    on: 3,
  });
  script.send(describeGroups, { groups: [group] });
}

/** Joins with other metadata, as a cooperative member does to say what it owns. */
function withOtherMetadata(script: Script, group: string): void {
  const version = script.dice.between(0, memberIdsSince - 1);
  const protocols = [{ name: 'range', metadata: subscriptionOf(soleTopic, script.dice.pick(people)) }];
  script.send(
    joinGroup,
    (memory) => ({ ...joinBody(group, { member: 'ada', version })(memory), protocols }),
    {
      version,
      remember: rememberMember('ada'),
    },
  );
  sync(script, group, 'ada');
}

/**
 * Commits as the member, as nobody or as a member of another generation, for a topic that always
 * exists.
 */
function commit(script: Script, group: string): void {
  const { dice } = script;
  const shift = dice.mostly(0, [1, -1], 0.7);
  const isMember = dice.chance(0.7);
  const topics = [
    {
      name: '__consumer_offsets',
      partitions: [{ partitionIndex: 0, committedOffset: 1n, committedMetadata: '' }],
    },
  ];
  const version = dice.between(7, 9);
  const groupInstanceId = dice.mostly(null, [`${script.prefix}-ada`, `${script.prefix}-zoe`], 0.8);
  script.send(
    offsetCommit,
    (memory) => ({
      groupId: group,
      generationIdOrMemberEpoch: isMember ? generationOf(memory) + shift : -1,
      memberId: isMember ? idOf(memory, 'ada') : '',
      groupInstanceId,
      topics,
    }),
    { version },
  );
  script.send(offsetFetch, { groupId: group, topics: null }, { version: 7 });
}

function look(script: Script, group: string): void {
  const { dice } = script;
  const kind = dice.pick(['describe', 'list', 'coordinator'] as const);
  if (kind === 'describe')
    script.send(describeGroups, {
      groups: [group, ...(dice.chance(0.3) ? [`${group}-unknown`, ''] : [])],
      includeAuthorizedOperations: dice.chance(0.3),
    });
  else if (kind === 'list') {
    const statesFilter = dice.pick([
      [],
      ['Stable'],
      ['stable', 'Empty'],
      ['NoSuchState'],
      ['PreparingRebalance'],
    ]);
    script.send(listGroups, {
      statesFilter,
      typesFilter: dice.pick([[], ['classic'], ['Classic'], ['consumer'], ['NoSuchType']]),
    });
  } else {
    const key = dice.mostly(group, [''], 0.8);
    script.send(findCoordinator, {
      key,
      keyType: dice.pick([0, 1, 2, 3, -1]),
      coordinatorKeys: dice.pick([[], [key], [key, `${group}-2`]]),
    });
  }
}
