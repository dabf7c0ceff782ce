import {
  deleteRecords,
  fetch,
  listOffsets,
  offsetForLeaderEpoch,
  produce,
} from '@millrace/streaming-core/protocol';
import { batch, recordTimeMs } from '../batches.ts';
import { batchesApart, oddBatch } from '../odd-batches.ts';
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

interface Written {
  readonly topic: string;
  readonly isTimedByEngine: boolean;
  isDeletedFrom: boolean;
}

const topicIdSince = { produce: 13, fetch: 13 };
const zstdSince = { produce: 7, fetch: 10 };

/** Writes, reads, searches and deletes records, good and bad, in every version. */
export function recordsTheme(script: Script): void {
  const configs: Readonly<Record<string, string>> = script.dice.pick(topicConfigs);
  const isTimedByEngine = 'message.timestamp.type' in configs;
  const written = { topic: script.topic('t', partitions, configs), isTimedByEngine, isDeletedFrom: false };
  const steps = { write: 5, read: 4, search: 3, deletion: 1, epochs: 1 };
  for (let left = script.dice.between(10, 22); left > 0; left -= 1)
    acts[script.dice.weighted(steps)](script, written);
  script.dice.pick([writeToTooFew, readNegatively, writeApart, writeApart, writeApart, writeApart])(script);
}

/** Ends its session, since the logs differ afterwards. */
function writeApart(script: Script): void {
  const { dice } = script;
  const { about, bytes: records } = oddBatch(dice, dice.pick(batchesApart));
  const topic = script.topic('apart');
  const partition = 0;
  const version = dice.between(zstdSince.produce, topicIdSince.produce - 1);
  const topicData = [{ name: topic, partitionData: [{ index: partition, records }] }];
  script.send(produce, { acks: -1, timeoutMs: 5_000, topicData }, { version, about });
  const partitions = [{ partition, fetchOffset: 0n, partitionMaxBytes: 1_000_000 }];
  script.send(
    fetch,
    { ...atOnce, maxBytes: 1_000_000, topics: [{ topic, partitions }] },
    { version: zstdSince.fetch, about },
  );
}

const atOnce = { maxWaitMs: 0, minBytes: 0, sessionId: 0, sessionEpoch: -1 };

function readNegatively(script: Script): void {
  const topic = script.topic('n');
  const topicData = [{ name: topic, partitionData: [{ index: 0, records: batch(1) }] }];
  script.send(produce, { acks: -1, timeoutMs: 5_000, topicData }, { version: zstdSince.produce });
  const partitions = [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: -1 }];
  const version = script.dice.between(fetch.versions.min, topicIdSince.fetch - 1);
  script.send(
    fetch,
    { ...atOnce, maxBytes: 1_000_000, topics: [{ topic, partitions }] },
    { version, about: 'a negative limit' },
  );
}

/** Ends its session as well. */
function writeToTooFew(script: Script): void {
  const name = script.topic('needs-two', 1, { 'min.insync.replicas': '2' });
  const topicData = [{ name, partitionData: [{ index: 0, records: batch(1) }] }];
  const version = script.dice.between(3, topicIdSince.produce - 1);
  script.send(produce, { acks: -1, timeoutMs: 5_000, topicData }, { version, about: 'too few replicas' });
}

const acts = { write, read, search, deletion, epochs };

/**
 * Only requests that will be refused name an internal topic, since its contents depend on other
 * sessions.
 */
const nameOf = ({ dice }: Script, topic: string, internal: readonly string[] = []): string =>
  dice.mostly(topic, [`${topic}-unknown`, ...internal, ...badTopicNames], 0.9);
const internalTopics = ['__consumer_offsets'];
const partitionOf = ({ dice }: Script): number =>
  dice.mostly(dice.between(0, partitions - 1), [partitions, -1, 1_000], 0.9);
export const topicIdOf = (memory: Memory, name: string): string =>
  memory.get(`topic:${name}`, unknownTopicId);

const aBatch = (count: number) => ({ about: 'a batch', bytes: batch(count) });

/**
 * Writes a batch to one partition, or one batch to each of two. It never names a partition twice,
 * because no engine promises what happens then.
 */
function write(script: Script, { topic }: Written): void {
  const { dice } = script;
  const version = dice.between(produce.versions.min, produce.versions.max);
  const name = nameOf(script, topic, internalTopics);
  const index = partitionOf(script);
  const first = dice.chance(0.55) ? aBatch(dice.between(1, 5)) : oddBatch(dice);
  const acks = dice.mostly(dice.pick([-1, 1]), [0, 2, -2]);
  const second = index !== 0 || dice.chance(0.7) ? undefined : dice.chance(0.5) ? aBatch(1) : oddBatch(dice);
  const about = [first, ...(second === undefined ? [] : [second])].map((each) => each.about).join(' and ');
  const partitionData = [
    { index, records: first.bytes },
    ...(second === undefined ? [] : [{ index: 1, records: second.bytes }]),
  ];
  const body = (memory: Memory) => ({
    transactionalId: null,
    acks,
    timeoutMs: 5_000,
    topicData: [
      {
        ...(version >= topicIdSince.produce ? { topicId: topicIdOf(memory, name) } : { name }),
        partitionData,
      },
    ],
  });
  if (acks === 0) script.unanswered(produce, body, { version, about });
  else script.send(produce, body, { version, about });
}

function read(script: Script, { topic }: Written): void {
  const { dice } = script;
  const version = dice.between(fetch.versions.min, fetch.versions.max);
  const name = nameOf(script, topic);
  const index = partitionOf(script);
  // A partition that does not exist is not read, so its isolation level does not matter.
  const isThere = name === topic && index >= 0 && index < partitions;
  const isolationLevel = dice.mostly(dice.pick([0, 0, 1]), isThere ? [2, -1] : [1], 0.95);
  const partition = {
    partition: index,
    currentLeaderEpoch: dice.mostly(-1, [0, 0, 1, 7], 0.7),
    fetchOffset: dice.mostly(0n, [1n, 2n, 3n, 7n, 100n, -1n, beyondDoubles, int64Max], 0.5),
    lastFetchedEpoch: dice.mostly(-1, [0, 0, 1, -2], 0.7),
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
  const id = (memory: Memory) =>
    version >= topicIdSince.fetch ? { topicId: topicIdOf(memory, name) } : { topic: name };
  if (version >= zstdSince.fetch || dice.chance(0.5))
    script.send(fetch, (memory) => ({ ...common, topics: [{ ...id(memory), partitions: [partition] }] }), {
      version,
    });
}

function search(script: Script, { topic, isTimedByEngine, isDeletedFrom }: Written): void {
  const { dice } = script;
  const timestamp = dice.pick([
    -1n,
    -2n,
    // Left out where it depends on chance whether two batches belong to the same millisecond.
    ...(isTimedByEngine ? [] : [-3n]),
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
  const partition = {
    partitionIndex: partitionOf(script),
    currentLeaderEpoch: dice.mostly(-1, [0, 1, 5], 0.8),
    timestamp,
  };
  const body = {
    replicaId: -1,
    isolationLevel: dice.mostly(dice.pick([0, 1]), [2, -1], 0.95),
    topics: [{ name: nameOf(script, topic), partitions: [partition] }],
    timeoutMs: 1_000,
  };
  script.send(listOffsets, body, {
    about: isDeletedFrom && timestamp === -3n ? 'the highest time behind a deletion' : undefined,
  });
}

function deletion(script: Script, written: Written): void {
  const { topic } = written;
  written.isDeletedFrom = true;
  const offset = script.dice.pick([-1n, 0n, 1n, 2n, 3n, -2n, 1_000n, int64Max]);
  const asked = [{ partitionIndex: partitionOf(script), offset }];
  script.send(deleteRecords, {
    topics: [{ name: nameOf(script, topic, internalTopics), partitions: asked }],
    timeoutMs: 1_000,
  });
}

function epochs(script: Script, { topic }: Written): void {
  const { dice } = script;
  const asked = {
    partition: partitionOf(script),
    currentLeaderEpoch: dice.mostly(-1, [0, 1], 0.6),
    leaderEpoch: dice.pick([0, 0, 1, 5, -1, -2]),
  };
  script.send(offsetForLeaderEpoch, {
    replicaId: dice.pick([-1, -1, -2]),
    topics: [{ topic: nameOf(script, topic), partitions: [asked] }],
  });
}
