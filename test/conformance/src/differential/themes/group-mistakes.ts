import { heartbeat, joinGroup, leaveGroup, syncGroup } from '@millrace/streaming-core/protocol';
import type { Memory, Script } from '../script.ts';
import { generationOf, idOf, memberIdsSince, subscriptionOf } from './group-members.ts';
import { newestSync, soleTopic } from './group-requests.ts';

export function leaving(script: Script, group: string): void {
  const { dice } = script;
  const unknown = dice.chance(0.5);
  const instance = dice.chance(0.3) ? `${script.prefix}-${dice.pick(['ada', 'zoe'])}` : null;
  script.send(leaveGroup, (memory) => {
    const memberId = unknown ? 'nobody' : idOf(memory, 'ada');
    return {
      groupId: group,
      memberId,
      members: [
        { memberId: instance === null ? memberId : '', groupInstanceId: instance },
        ...(unknown ? [] : [{ memberId: 'nobody' }]),
      ],
    };
  });
}

/** Joins with a protocol that no other member has. */
export function withOtherProtocol(script: Script, group: string): void {
  const { dice } = script;
  const protocolType = dice.pick(['consumer', 'connect', '']);
  const protocols = dice.pick([[], [{ name: 'sticky', metadata: Buffer.alloc(0) }]]);
  script.send(
    joinGroup,
    {
      groupId: group,
      sessionTimeoutMs: 30_000,
      rebalanceTimeoutMs: 30_000,
      memberId: dice.pick(['', 'nobody']),
      protocolType,
      protocols,
    },
    { on: 3, version: dice.between(0, memberIdsSince - 1) },
  );
}

/**
 * Sends requests with one mistake: in the group, generation, member, instance or session timeout.
 */
export function odd(script: Script, group: string): void {
  const { dice } = script;
  const groupId = dice.mostly(group, [`${group}-unknown`, ''], 0.7);
  const shift = dice.pick([0, 0, 1, -1, -5]);
  const stranger = dice.chance(0.4);
  const groupInstanceId = dice.mostly(null, [`${script.prefix}-ada`, `${script.prefix}-zoe`], 0.8);
  const who = (memory: Memory) => ({
    groupId,
    generationId: generationOf(memory) + shift,
    memberId: stranger ? 'nobody' : idOf(memory, 'ada'),
  });
  const kind = dice.pick(['heartbeat', 'sync', 'join'] as const);
  if (kind === 'heartbeat') {
    const version = dice.between(0, heartbeat.versions.max);
    script.send(
      heartbeat,
      (memory) => ({ ...who(memory), groupInstanceId: version >= 3 ? groupInstanceId : null }),
      { version },
    );
  } else if (kind === 'sync') {
    const version = dice.between(0, newestSync);
    const names = dice.mostly(
      { protocolType: 'consumer', protocolName: 'range' },
      [
        { protocolType: 'connect', protocolName: 'range' },
        { protocolType: 'consumer', protocolName: 'sticky' },
        { protocolType: null, protocolName: null },
      ],
      0.6,
    );
    if (shift !== 0 || stranger || groupId !== group)
      script.send(
        syncGroup,
        (memory) => ({
          ...who(memory),
          groupInstanceId: version >= 3 ? groupInstanceId : null,
          ...(version >= newestSync ? names : {}),
          assignments: [],
        }),
        { version },
      );
  } else
    script.send(
      joinGroup,
      {
        groupId: dice.pick(['', group]),
        sessionTimeoutMs: dice.pick([0, 5_999, 1_800_001, 30_000]),
        rebalanceTimeoutMs: 30_000,
        memberId: 'nobody',
        protocolType: 'consumer',
        protocols: [{ name: 'range', metadata: subscriptionOf(soleTopic, 'ada') }],
      },
      { on: 3 },
    );
}
