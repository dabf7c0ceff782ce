import {
  createPartitions,
  createTopics,
  deleteTopics,
  describeTopicPartitions,
  metadata,
  type InOf,
} from '@millrace/streaming-core/protocol';
import type { Memory, Script } from '../script.ts';
import { topicIdOf } from './records.ts';
import { badTopicNames, unknownTopicId } from './values.ts';

/** Creates, grows, describes and deletes topics, with every mistake that a request can contain. */
export function topicsTheme(script: Script): void {
  const topic = script.topic('t', script.dice.between(1, 3));
  if (script.dice.chance(0.1)) return idOfNothing(script);
  if (script.dice.chance(0.05)) return collidingNames(script);
  const steps = { creation: 4, growth: 3, description: 4, pages: 2, deletion: 1 };
  for (let left = script.dice.between(8, 18); left > 0; left -= 1)
    acts[script.dice.weighted(steps)](script, topic);
}

const acts = { creation, growth, description, pages, deletion };

/** Has a session to itself, since later ids would be numbered differently. */
function idOfNothing(script: Script): void {
  const topics = [{ name: `${script.prefix}-new`, numPartitions: 1, replicationFactor: 1 }];
  script.send(createTopics, { topics, validateOnly: true }, { version: createTopics.versions.max });
}

/** Has a session to itself, since afterwards a topic exists on one engine only. */
function collidingNames(script: Script): void {
  const topics = ['c.d', 'c_d'].map((name) => ({
    name: `${script.prefix}-${name}`,
    numPartitions: 1,
    replicationFactor: 1,
  }));
  script.send(
    createTopics,
    { topics },
    { version: script.dice.between(createTopics.versions.min, 6), about: 'colliding names' },
  );
}

type NewTopic = InOf<(typeof createTopics)['request']['fields']>['topics'][number];

const configs = [
  { name: 'retention.ms', value: '1000' },
  { name: 'retention.ms', value: '-1' },
  { name: 'retention.ms', value: '-2' },
  { name: 'retention.ms', value: 'soon' },
  { name: 'retention.ms', value: null },
  { name: 'cleanup.policy', value: 'compact,delete' },
  { name: 'cleanup.policy', value: 'none' },
  { name: 'cleanup.policy', value: 'keep' },
  { name: 'compression.type', value: 'lz4' },
  { name: 'segment.bytes', value: '10' },
  { name: 'segment.bytes', value: '1048575' },
  { name: 'internal.segment.bytes', value: '1000' },
  { name: 'segment.bytes', value: '2000000' },
  { name: 'min.cleanable.dirty.ratio', value: '1.5' },
  { name: 'message.timestamp.type', value: 'Sometimes' },
  { name: 'no.such.config', value: '1' },
] as const;

const assignments = [
  [{ partitionIndex: 0, brokerIds: [1] }],
  [
    { partitionIndex: 0, brokerIds: [1] },
    { partitionIndex: 1, brokerIds: [1] },
  ],
  [{ partitionIndex: 1, brokerIds: [1] }],
  [{ partitionIndex: 0, brokerIds: [2] }],
  [{ partitionIndex: 0, brokerIds: [1, 1] }],
  [{ partitionIndex: 0, brokerIds: [] }],
  [
    { partitionIndex: 0, brokerIds: [1] },
    { partitionIndex: 0, brokerIds: [1] },
  ],
] as const;

function newTopic({ dice, prefix }: Script): NewTopic {
  const name = dice.mostly(`${prefix}-${dice.pick(['a', 'b', 't', 'a.b', 'a_b'])}`, badTopicNames, 0.8);
  const config = dice.chance(0.3) ? [dice.pick(configs)] : [];
  if (dice.chance(0.15)) {
    const [numPartitions, replicationFactor] = dice.pick([
      [-1, -1],
      [-1, -1],
      [1, -1],
      [-1, 1],
    ] as const);
    return { name, numPartitions, replicationFactor, assignments: dice.pick(assignments), configs: config };
  }
  return {
    name,
    numPartitions: dice.mostly(1, [2, 0, -1, -2], 0.6),
    replicationFactor: dice.mostly(1, [-1, 0, 2, -2], 0.8),
    configs: config,
  };
}

const collisionKey = ({ name }: NewTopic): string => name.replaceAll('.', '_');

function creation(script: Script): void {
  const { dice } = script;
  const first = newTopic(script);
  const topics = [
    first,
    ...(dice.chance(0.15) ? [first] : []),
    ...(dice.chance(0.3) ? [newTopic(script)] : []),
  ];
  const collide = topics[0] !== topics[1] && collisionKey(first) === collisionKey(topics.at(-1)!);
  const unique = topics.length < 2 || !collide ? topics : [first];
  const validateOnly = dice.chance(0.6);
  // Version 7 returns an id even for a topic that was only validated: see `idOfNothing`.
  const version = dice.between(createTopics.versions.min, createTopics.versions.max - (validateOnly ? 1 : 0));
  script.send(createTopics, { topics: unique, timeoutMs: 5_000, validateOnly }, { version });
  if (!validateOnly) script.barrier();
}

function growth(script: Script, topic: string): void {
  const { dice } = script;
  const name = dice.mostly(topic, [`${topic}-unknown`, ...badTopicNames], 0.8);
  const count = dice.pick([0, -1, 1, 2, 3, 4]);
  const given = dice.mostly(
    null,
    [
      [],
      [{ brokerIds: [1] }],
      [{ brokerIds: [2] }],
      [{ brokerIds: [1] }, { brokerIds: [1] }],
      [{ brokerIds: [1, 1] }],
    ],
    0.7,
  );
  script.send(createPartitions, {
    topics: [{ name, count, assignments: given }],
    timeoutMs: 5_000,
    validateOnly: dice.chance(0.8),
  });
  script.barrier();
}

const idsSince = 12;

function description(script: Script, topic: string): void {
  const { dice } = script;
  const version = dice.between(metadata.versions.min, metadata.versions.max);
  const flags = {
    allowAutoTopicCreation: false,
    includeClusterAuthorizedOperations: dice.chance(0.3),
    includeTopicAuthorizedOperations: dice.chance(0.3),
  };
  const name = dice.mostly(topic, [`${topic}-unknown`, '__consumer_offsets', ...badTopicNames], 0.6);
  const byId = version >= idsSince && dice.chance(0.5);
  const known = dice.chance(0.7);
  const asked = (memory: Memory) =>
    byId ? { topicId: known ? topicIdOf(memory, topic) : unknownTopicId, name: null } : { name };
  script.send(metadata, (memory) => ({ topics: [asked(memory)], ...flags }), { version });
}

function pages(script: Script, topic: string): void {
  const { dice } = script;
  const names = [topic, `${topic}-unknown`, ...(dice.chance(0.2) ? ['white space'] : [])];
  const cursor = dice.mostly(
    null,
    [
      { topicName: topic, partitionIndex: dice.pick([0, 1, 9, -1]) },
      { topicName: `${topic}-z`, partitionIndex: 0 },
    ],
    0.6,
  );
  const responsePartitionLimit = dice.pick([2_000, 1, 2, 0, -1]);
  script.send(describeTopicPartitions, {
    topics: names.map((name) => ({ name })),
    responsePartitionLimit,
    cursor,
  });
}

function deletion(script: Script, topic: string): void {
  const { dice } = script;
  const version = dice.between(deleteTopics.versions.min, deleteTopics.versions.max);
  const name = dice.pick([`${topic}-unknown`, `${topic}-gone`, 'white space', '']);
  const both = dice.chance(0.2);
  const known = dice.chance(0.3);
  if (version < 6)
    script.send(
      deleteTopics,
      { topicNames: dice.chance(0.2) ? [name, name] : [name], timeoutMs: 5_000 },
      { version },
    );
  else if (dice.chance(0.5)) script.send(deleteTopics, { topics: [{ name }], timeoutMs: 5_000 }, { version });
  else
    script.send(
      deleteTopics,
      (memory) => ({
        topics: [
          { name: both ? name : null, topicId: known && both ? topicIdOf(memory, topic) : unknownTopicId },
        ],
        timeoutMs: 5_000,
      }),
      { version },
    );
}
