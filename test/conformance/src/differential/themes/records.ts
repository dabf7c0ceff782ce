import { deleteRecords, fetch, listOffsets, offsetForLeaderEpoch, produce } from '@millrace/streaming-core/wire';
import { batch, oddBatch, recordTimeMs } from '../batches.ts';
import type { Memory, Script } from '../script.ts';
import { badTopicNames, beyondDoubles, int64Max, unknownTopicId } from './values.ts';

const topicConfigs = [
  {},
  {},
  { 'cleanup.policy': 'compact' },
  { 'max.message.bytes': '1000' },
  { 'message.timestamp.type': 'LogAppendTime' },
  { 'message.timestamp.before.max.ms': '1000' },
] as const;

const partitions = 2;
const topicIdSince = { produce: 13, fetch: 13 };
const zstdSince = { produce: 7, fetch: 10 };

/** Records written, read, searched for and deleted: good and bad, in every version. */
export function recordsTheme(script: Script): void {
  const topic = script.topic('t', partitions, script.dice.pick(topicConfigs));
  const steps = { write: 5, read: 4, search: 3, deletion: 1, epochs: 1 };
  for (let left = script.dice.between(10, 22); left > 0; left -= 1) acts[script.dice.weighted(steps)](script, topic);
  if (script.dice.chance(0.1)) script.dice.pick([writeToTooFew, writeWithTail])(script);
}

/** Last in its session: the logs differ afterwards. */
function writeWithTail(script: Script): void {
  const name = script.topic('tail');
  const records = Buffer.concat([batch(1), Buffer.alloc(5)]);
  const topicData = [{ name, partitionData: [{ index: 0, records }] }];
  script.send(produce, { acks: -1, timeoutMs: 5_000, topicData }, { version: script.dice.between(3, topicIdSince.produce - 1) });
}

/** Last in its session as well. */
function writeToTooFew(script: Script): void {
  const name = script.topic('needs-two', 1, { 'min.insync.replicas': '2' });
  const topicData = [{ name, partitionData: [{ index: 0, records: batch(1) }] }];
  script.send(produce, { acks: -1, timeoutMs: 5_000, topicData }, { version: script.dice.between(3, topicIdSince.produce - 1) });
}

const acts = { write, read, search, deletion, epochs };

const nameOf = ({ dice }: Script, topic: string): string =>
  dice.mostly(topic, [`${topic}-unknown`, '__consumer_offsets', ...badTopicNames], 0.9);
const partitionOf = ({ dice }: Script): number => dice.mostly(dice.between(0, partitions - 1), [partitions, -1, 1_000], 0.9);
export const topicIdOf = (memory: Memory, name: string): string => memory.get(`topic:${name}`, unknownTopicId);

/** Two entries at most: what an engine makes of the same partition twice in one request is not promised. */
function write(script: Script, topic: string): void {
  const { dice } = script;
  const version = dice.between(produce.versions.min, produce.versions.max);
  const [name, index, timeoutMs] = [nameOf(script, topic), partitionOf(script), 5_000];
  const records = dice.chance(0.6) ? batch(dice.between(1, 5)) : oddBatch(dice);
  const acks = dice.mostly(dice.pick([-1, 1]), [0, 2, -2]);
  const body = (memory: Memory) => ({
    transactionalId: null,
    acks,
    timeoutMs,
    topicData: [
      { ...(version >= topicIdSince.produce ? { topicId: topicIdOf(memory, name) } : { name }), partitionData: [{ index, records }] },
    ],
  });
  if (acks === 0) script.unanswered(produce, body, { version });
  else script.send(produce, body, { version });
}

export function read(script: Script, topic: string, isolationLevel = script.dice.pick([0, 0, 1])): void {
  const { dice } = script;
  const version = dice.between(fetch.versions.min, fetch.versions.max);
  const name = nameOf(script, topic);
  const partition = {
    partition: partitionOf(script),
    currentLeaderEpoch: dice.mostly(-1, [0, 0, 1, 7], 0.7),
    fetchOffset: dice.mostly(0n, [1n, 2n, 3n, 7n, 100n, -1n, beyondDoubles, int64Max], 0.5),
    logStartOffset: -1n,
    partitionMaxBytes: dice.mostly(1_000_000, [0, 1, 100], 0.7),
  };
  const common = {
    maxWaitMs: dice.pick([0, 1]),
    minBytes: dice.pick([0, 1, 1]),
    maxBytes: dice.mostly(1_000_000, [0, 1, 150], 0.8),
    isolationLevel,
    sessionId: 0,
    sessionEpoch: -1,
  };
  const id = (memory: Memory) => (version >= topicIdSince.fetch ? { topicId: topicIdOf(memory, name) } : { topic: name });
  if (version >= zstdSince.fetch || dice.chance(0.5))
    script.send(fetch, (memory) => ({ ...common, topics: [{ ...id(memory), partitions: [partition] }] }), { version });
}

function search(script: Script, topic: string): void {
  const { dice } = script;
  const timestamp = dice.pick([
    -1n,
    -2n,
    -3n,
    -4n,
    -5n,
    -6n,
    -7n,
    -100n,
    0n,
    recordTimeMs,
    recordTimeMs + 2n,
    recordTimeMs + 100_000n,
    int64Max,
  ]);
  const partition = { partitionIndex: partitionOf(script), currentLeaderEpoch: dice.mostly(-1, [0, 1, 5], 0.8), timestamp };
  script.send(listOffsets, {
    replicaId: -1,
    isolationLevel: dice.pick([0, 1]),
    topics: [{ name: nameOf(script, topic), partitions: [partition] }],
    timeoutMs: 1_000,
  });
}

function deletion(script: Script, topic: string): void {
  const offset = script.dice.pick([-1n, 0n, 1n, 2n, 3n, -2n, 1_000n, int64Max]);
  const asked = [{ partitionIndex: partitionOf(script), offset }];
  script.send(deleteRecords, { topics: [{ name: nameOf(script, topic), partitions: asked }], timeoutMs: 1_000 });
}

function epochs(script: Script, topic: string): void {
  const { dice } = script;
  const asked = {
    partition: partitionOf(script),
    currentLeaderEpoch: dice.mostly(-1, [0, 1], 0.6),
    leaderEpoch: dice.pick([0, 0, 1, 5, -1, -2]),
  };
  script.send(offsetForLeaderEpoch, { replicaId: -1, topics: [{ topic: nameOf(script, topic), partitions: [asked] }] });
}
