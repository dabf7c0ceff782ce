import {
  alterConfigs,
  createPartitions,
  createTopics,
  deleteGroups,
  deleteRecords,
  deleteTopics,
  describeConfigs,
  describeGroups,
  describeProducers,
  fetch,
  findCoordinator,
  incrementalAlterConfigs,
  leaveGroup,
  listOffsets,
  metadata,
  offsetCommit,
  offsetDelete,
  offsetFetch,
  offsetForLeaderEpoch,
  produce,
} from '@millrace/streaming-core/protocol';
import { batch } from '../batches.ts';
import type { Script } from '../script.ts';
import { listOf } from './lists.ts';
import { transactions } from './repeated-transactions.ts';

/**
 * Sends requests that name something twice or nothing at all, and requests of transactions in an
 * order that no client uses.
 */
export function repeatedTheme(script: Script): void {
  const { dice } = script;
  const topic = script.topic('t', 2);
  const group = `${script.prefix}-g`;
  for (const [key, keyType] of [
    [group, 0],
    [`${script.prefix}-x`, 1],
  ] as const)
    script.settle(findCoordinator, { key, keyType }, ({ errorCode }) => errorCode === 0, { version: 2 });
  const acts = { reads, writes, offsets, groups, topics, configs, transactions };
  const weights = { reads: 3, writes: 1, offsets: 3, groups: 3, topics: 2, configs: 2, transactions: 5 };
  for (let left = dice.between(8, 14); left > 0; left -= 1)
    acts[dice.weighted(weights)](script, topic, group);
}

function reads(script: Script, topic: string): void {
  const { dice } = script;
  const names = listOf(script, topic, `${topic}-unknown`);
  const partition = { partitionIndex: 0, timestamp: dice.pick([-1n, -2n]) };
  const kind = dice.pick(['offsets', 'metadata', 'epochs', 'fetch', 'producers'] as const);
  if (kind === 'offsets')
    script.send(
      listOffsets,
      {
        replicaId: -1,
        topics: names.map((name) => ({
          name,
          partitions: listOf(script, partition, { ...partition, partitionIndex: 9 }),
        })),
      },
      { version: dice.between(1, 10) },
    );
  else if (kind === 'metadata')
    script.send(
      metadata,
      { topics: names.map((name) => ({ name })), allowAutoTopicCreation: false },
      { version: dice.between(1, 12) },
    );
  else if (kind === 'epochs')
    script.send(offsetForLeaderEpoch, {
      topics: names.map((name) => ({
        topic: name,
        partitions: listOf(script, { partition: 0, leaderEpoch: 0 }, { partition: 9, leaderEpoch: 0 }),
      })),
    });
  else if (kind === 'producers')
    script.send(describeProducers, {
      topics: names.map((name) => ({ name, partitionIndexes: listOf(script, 0, 9) })),
    });
  else {
    const asked = { partition: 0, fetchOffset: 0n, partitionMaxBytes: 1_000 };
    const known = dice
      .pick([[], [topic], [topic, topic]])
      .map((name) => ({ topic: name, partitions: dice.pick([[], [asked], [asked, asked]]) }));
    script.send(
      fetch,
      { maxWaitMs: 0, minBytes: 0, maxBytes: 1_000, sessionEpoch: -1, topics: known },
      { version: dice.between(4, 12) },
    );
  }
}

function writes(script: Script, topic: string): void {
  const { dice } = script;
  const partition = (index: number) => ({ index, records: batch(1) });
  const data = dice.pick([
    [],
    [{ name: topic, partitionData: [] }],
    [{ name: topic, partitionData: [partition(0), partition(9)] }],
  ]);
  script.send(
    produce,
    { acks: dice.pick([-1, 1]), timeoutMs: 5_000, topicData: data },
    { version: dice.between(3, 12) },
  );
  script.send(deleteRecords, {
    topics: dice.pick([
      [],
      [{ name: topic, partitions: [] }],
      [{ name: topic, partitions: [{ partitionIndex: 1, offset: 0n }] }],
    ]),
    timeoutMs: 5_000,
  });
}

function offsets(script: Script, topic: string, group: string): void {
  const { dice } = script;
  const names = listOf(script, topic, `${topic}-unknown`);
  const partition = (partitionIndex: number) => ({
    partitionIndex,
    committedOffset: BigInt(dice.between(0, 5)),
    committedMetadata: '',
  });
  const kind = dice.pick(['commit', 'fetch', 'several', 'delete'] as const);
  if (kind === 'commit')
    script.send(
      offsetCommit,
      {
        groupId: group,
        topics: [
          {
            name: topic,
            partitions: dice.pick([
              [partition(0)],
              [partition(0), partition(0)],
              [partition(9), partition(0)],
            ]),
          },
        ],
      },
      { version: dice.between(2, 9) },
    );
  else if (kind === 'fetch')
    script.send(
      offsetFetch,
      { groupId: group, topics: names.map((name) => ({ name, partitionIndexes: listOf(script, 0, 9) })) },
      { version: dice.between(1, 7) },
    );
  else if (kind === 'several')
    script.send(
      offsetFetch,
      {
        groups: listOf(script, group, `${group}-unknown`).map((groupId) => ({
          groupId,
          topics: dice.pick([null, [], [{ name: topic, partitionIndexes: [0, 0] }]]),
        })),
        requireStable: dice.chance(0.5),
      },
      { version: dice.between(8, 9) },
    );
  else
    script.send(offsetDelete, {
      groupId: group,
      topics: dice.pick([
        [],
        [{ name: topic, partitions: [] }],
        [{ name: topic, partitions: [{ partitionIndex: 0 }, { partitionIndex: 9 }] }],
      ]),
    });
}

function groups(script: Script, _topic: string, group: string): void {
  const { dice } = script;
  const names = listOf(script, group, `${group}-unknown`);
  const kind = dice.pick(['describe', 'delete', 'find', 'leave'] as const);
  if (kind === 'describe') script.send(describeGroups, { groups: names });
  else if (kind === 'delete') script.send(deleteGroups, { groupsNames: names });
  else if (kind === 'find')
    script.send(
      findCoordinator,
      { keyType: dice.pick([0, 1]), coordinatorKeys: names },
      { version: dice.between(4, 6) },
    );
  else {
    const member = { memberId: 'nobody', groupInstanceId: dice.pick([null, 'none']) };
    script.send(leaveGroup, {
      groupId: dice.pick([group, `${group}-unknown`, '']),
      memberId: '',
      members: dice.pick([[], [member], [member, { ...member, memberId: '' }]]),
    });
  }
}

function topics(script: Script, topic: string): void {
  const { dice } = script;
  const kind = dice.pick(['create', 'delete', 'grow'] as const);
  const newTopic = { name: `${topic}-new`, numPartitions: 1, replicationFactor: 1 };
  if (kind === 'create')
    script.send(createTopics, {
      topics: dice.pick([[], [newTopic, newTopic]]),
      timeoutMs: 5_000,
      validateOnly: dice.chance(0.5),
    });
  else if (kind === 'delete')
    script.send(
      deleteTopics,
      { topicNames: dice.pick([[], [`${topic}-gone`, `${topic}-gone`]]), timeoutMs: 5_000 },
      { version: dice.between(1, 5) },
    );
  else
    script.send(createPartitions, {
      topics: dice.pick([
        [],
        [
          { name: topic, count: 3, assignments: null },
          { name: topic, count: 3, assignments: null },
        ],
      ]),
      timeoutMs: 5_000,
      validateOnly: true,
    });
}

function configs(script: Script, topic: string): void {
  const { dice } = script;
  const resource = { resourceType: 2, resourceName: topic };
  const kind = dice.pick(['describe', 'alter', 'incremental'] as const);
  const value = { name: 'retention.ms', value: '1000' };
  const values = dice.pick([[], [value], [value, value]]);
  if (kind === 'describe')
    script.send(describeConfigs, {
      resources: dice.pick([[], [resource, resource], [resource]]).map((each) => ({
        ...each,
        configurationKeys: dice.pick([['retention.ms'], ['retention.ms', 'retention.ms'], ['no.such.key']]),
      })),
    });
  else if (kind === 'alter')
    script.send(alterConfigs, {
      resources: dice.pick([[], [resource]]).map((each) => ({ ...each, configs: values })),
      validateOnly: true,
    });
  else {
    const changes = values.map((each) => ({ ...each, configOperation: dice.pick([0, 1]) }));
    script.send(incrementalAlterConfigs, {
      resources: dice
        .pick([[], [resource], [resource, resource]])
        .map((each) => ({ ...each, configs: changes })),
      validateOnly: true,
    });
  }
}
