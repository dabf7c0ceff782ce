import {
  deleteGroups,
  findCoordinator,
  offsetCommit,
  offsetDelete,
  offsetFetch,
} from '@millrace/streaming-core/protocol';
import type { Memory, Script } from '../script.ts';
import { topicIdOf } from './records.ts';
import { beyondDoubles, int64Max } from './values.ts';

const topicIdSince = 10;
const severalGroupsSince = 8;
const nullTopicsSince = 2;

/** Commits, fetches and deletes offsets of a group without members, in every version. */
export function offsetsTheme(script: Script): void {
  const { dice } = script;
  const topic = script.topic('t', 2);
  const group = `${script.prefix}-g`;
  script.settle(findCoordinator, { key: group, keyType: 0 }, ({ errorCode }) => errorCode === 0, {
    version: 2,
  });
  const acts = { commit, lookUp, removal, end };
  for (let left = dice.between(6, 14); left > 0; left -= 1)
    acts[dice.weighted({ commit: 5, lookUp: 5, removal: 1, end: 1 })](script, group, topic);
}

function commit(script: Script, group: string, topic: string): void {
  const { dice } = script;
  const version = dice.between(offsetCommit.versions.min, offsetCommit.versions.max);
  const name = dice.mostly(topic, [`${topic}-unknown`, 'white space', '__consumer_offsets'], 0.85);
  const member = dice.mostly({ generationIdOrMemberEpoch: -1, memberId: '' }, [
    { generationIdOrMemberEpoch: 0, memberId: '' },
    { generationIdOrMemberEpoch: 1, memberId: 'nobody' },
    { generationIdOrMemberEpoch: -1, memberId: 'nobody' },
  ]);
  const partition = {
    partitionIndex: dice.mostly(dice.pick([0, 1]), [2, -1], 0.85),
    committedOffset: dice.pick([0n, 1n, 5n, -1n, -2n, beyondDoubles, int64Max]),
    committedLeaderEpoch: dice.pick([-1, 0, 5]),
    committedMetadata: dice.mostly('m', [null, '', 'x'.repeat(4_096), 'x'.repeat(4_097)], 0.7),
  };
  script.send(
    offsetCommit,
    (memory) => ({
      groupId: group,
      ...member,
      retentionTimeMs: -1n,
      topics: [
        {
          ...(version >= topicIdSince ? { topicId: topicIdOf(memory, name) } : { name }),
          partitions: [partition],
        },
      ],
    }),
    { version },
  );
}

function lookUp(script: Script, group: string, topic: string): void {
  const { dice } = script;
  const version = dice.between(offsetFetch.versions.min, offsetFetch.versions.max);
  const groupId = dice.mostly(group, [`${group}-unknown`, ''], 0.85);
  const all = version >= nullTopicsSince && dice.chance(0.4);
  const name = dice.mostly(topic, [`${topic}-unknown`], 0.85);
  const partitionIndexes = dice.pick([[0], [0, 1], [7], []]);
  const requireStable = dice.chance(0.3);
  const member =
    version >= 9
      ? dice.mostly({ memberId: null, memberEpoch: -1 }, [{ memberId: 'nobody', memberEpoch: 1 }], 0.85)
      : {};
  script.send(
    offsetFetch,
    (memory: Memory) => {
      const asked = all
        ? null
        : [
            {
              ...(version >= topicIdSince ? { topicId: topicIdOf(memory, name) } : { name }),
              partitionIndexes,
            },
          ];
      if (version >= severalGroupsSince)
        return { groups: [{ groupId, ...member, topics: asked }], requireStable };
      return { groupId, topics: all ? null : [{ name, partitionIndexes }], requireStable };
    },
    { version },
  );
}

function removal(script: Script, group: string, topic: string): void {
  const { dice } = script;
  const groupId = dice.mostly(group, [`${group}-unknown`, ''], 0.8);
  const name = dice.mostly(topic, [`${topic}-unknown`], 0.8);
  script.send(offsetDelete, {
    groupId,
    topics: [{ name, partitions: [{ partitionIndex: dice.pick([0, 1, 9]) }] }],
  });
}

function end(script: Script, group: string): void {
  script.send(deleteGroups, { groupsNames: script.dice.pick([[group], [group, `${group}-unknown`], ['']]) });
}
