import {
  alterPartitionReassignments,
  describeClientQuotas,
  describeCluster,
  describeLogDirs,
  electLeaders,
  fetch,
  listPartitionReassignments,
  produce,
} from '@millrace/streaming-core/protocol';
import { batch } from '../batches.ts';
import type { Memory, Script } from '../script.ts';
import { topicIdOf } from './records.ts';

/** Plays the small requests of tools and dashboards. */
export function adminTheme(script: Script): void {
  const { dice } = script;
  const topic = script.topic('t', 2);
  script.send(
    produce,
    {
      acks: -1,
      timeoutMs: 5_000,
      topicData: [{ name: topic, partitionData: [{ index: 0, records: batch(2) }] }],
    },
    { version: 9 },
  );
  const acts = { cluster, logDirs, reassignments, elections, quotas, fetchSession };
  const weights = { cluster: 2, logDirs: 3, reassignments: 2, elections: 2, quotas: 1, fetchSession: 4 };
  for (let left = dice.between(4, 10); left > 0; left -= 1) acts[dice.weighted(weights)](script, topic);
}

function cluster(script: Script): void {
  const { dice } = script;
  const version = dice.between(0, describeCluster.versions.max);
  const endpointType = version >= 1 ? dice.mostly(1, [2, 0, 3], 0.7) : 1;
  script.send(
    describeCluster,
    {
      includeClusterAuthorizedOperations: dice.chance(0.3),
      endpointType,
      includeFencedBrokers: version >= 2 && dice.chance(0.5),
    },
    { version },
  );
}

function logDirs(script: Script, topic: string): void {
  const name = script.dice.mostly(topic, [`${topic}-unknown`], 0.8);
  script.send(describeLogDirs, {
    topics: [{ topic: name, partitions: script.dice.pick([[0], [0, 1], [7], []]) }],
  });
}

function reassignments(script: Script, topic: string): void {
  const { dice } = script;
  const name = dice.mostly(topic, [`${topic}-unknown`, ''], 0.7);
  if (dice.chance(0.5)) {
    const topics = dice.pick([null, [], [{ name, partitionIndexes: dice.pick([[0], [9], []]) }]]);
    script.send(listPartitionReassignments, { timeoutMs: 1_000, topics });
  } else {
    const replicas = dice.pick([null, [1], [2], [1, 2], [], [1, 1]]);
    script.send(alterPartitionReassignments, {
      timeoutMs: 1_000,
      topics: [{ name, partitions: [{ partitionIndex: dice.mostly(0, [9, -1], 0.8), replicas }] }],
    });
  }
}

function elections(script: Script, topic: string): void {
  const { dice } = script;
  const name = dice.mostly(topic, [`${topic}-unknown`], 0.7);
  script.send(electLeaders, {
    electionType: dice.mostly(0, [1], 0.7),
    topicPartitions: [{ topic: name, partitions: dice.pick([[0], [0, 1], [9], []]) }],
    timeoutMs: 1_000,
  });
}

function quotas(script: Script): void {
  const component = {
    entityType: script.dice.pick(['user', 'client-id', 'ip', 'planet']),
    matchType: script.dice.pick([0, 1, 2, 3]),
    match: script.dice.pick(['x', null]),
  };
  script.send(describeClientQuotas, {
    components: script.dice.pick([[], [component]]),
    strict: script.dice.chance(0.5),
  });
}

const sessionsSince = 7;
const topicIdSince = 13;

/**
 * Plays fetch sessions (KIP-227): created, continued, continued with a wrong number, forgotten,
 * closed.
 */
function fetchSession(script: Script, topic: string): void {
  const { dice } = script;
  const version = dice.between(sessionsSince, fetch.versions.max);
  const remember = ({ sessionId }: { sessionId: number }, memory: Memory) => memory.set('session', sessionId);
  const common = { maxWaitMs: 0, minBytes: 0, maxBytes: 1_000_000, isolationLevel: 0 };
  const place = (memory: Memory) =>
    version >= topicIdSince ? { topicId: topicIdOf(memory, topic) } : { topic };
  const asked = (partition: number, fetchOffset: bigint) => ({
    partition,
    fetchOffset,
    partitionMaxBytes: 1_000_000,
  });
  script.send(
    fetch,
    (memory) => ({
      ...common,
      sessionId: 0,
      sessionEpoch: 0,
      topics: [{ ...place(memory), partitions: [asked(0, 0n), asked(1, 0n)] }],
    }),
    { version, remember },
  );
  for (let epoch = 1; epoch < dice.between(2, 5); epoch += 1) {
    const sessionEpoch = dice.mostly(epoch, [epoch + 1, 0, -1], 0.85);
    const change = dice.pick(['nothing', 'position', 'forget', 'unknown'] as const);
    const unknown = dice.chance(0.1);
    script.send(
      fetch,
      (memory) => ({
        ...common,
        sessionId: unknown ? 77 : memory.get('session', 0),
        sessionEpoch,
        topics:
          change === 'position' || change === 'unknown'
            ? [{ ...place(memory), partitions: [asked(change === 'unknown' ? 9 : 0, 1n)] }]
            : [],
        forgottenTopicsData: change === 'forget' ? [{ ...place(memory), partitions: [1] }] : [],
      }),
      { version },
    );
  }
}
