import {
  addOffsetsToTxn,
  fetch,
  findCoordinator,
  initProducerId,
  offsetCommit,
  offsetFetch,
  produce,
  txnOffsetCommit,
} from '@millrace/streaming-core/protocol';
import { batch } from '../batches.ts';
import type { Memory, Script } from '../script.ts';
import { topicIdOf } from './records.ts';

const topicIdsSince = { fetch: 13, commit: 10 };
const sessionsSince = 7;
const partitionMaxBytes = 1_000;

interface Place {
  readonly name: string;
  readonly partition: number;
}

/**
 * Does what a consumer of several topics does. The partitions are in any order, some twice, some
 * unknown, one topic after the other or mixed.
 */
export function severalTheme(script: Script): void {
  const { dice } = script;
  const topics = [script.topic('t', 3), script.topic('a', 2)];
  const group = `${script.prefix}-g`;
  const transactionalId = `${script.prefix}-x`;
  for (const [key, keyType] of [
    [group, 0],
    [transactionalId, 1],
  ] as const)
    // prettier-ignore
    script.settle(findCoordinator, { key, keyType }, ({ errorCode }) => errorCode === 0, { version: 2 });
  const acts = { write, read, readOn, commit, lookUp, commitInTransaction };
  for (let left = dice.between(5, 9); left > 0; left -= 1)
    acts[dice.weighted({ write: 3, read: 3, readOn: 2, commit: 4, lookUp: 1, commitInTransaction: 1 })](
      script,
      topics,
      group,
    );
}

function placesOf({ dice, prefix }: Script, topics: readonly string[]): readonly Place[] {
  const names = [...topics, ...topics, `${prefix}-unknown`];
  return Array.from({ length: dice.between(1, 6) }, () => ({
    name: dice.pick(names),
    partition: dice.mostly(dice.between(0, 1), [2, 9], 0.8),
  }));
}

/** Groups consecutive partitions of one topic. Now and then a topic has none. */
function byTopic<T>(
  { dice }: Script,
  places: readonly Place[],
  asked: (place: Place) => T,
): Array<{ readonly name: string; readonly partitions: T[] }> {
  const runs: Array<{ readonly name: string; readonly partitions: T[] }> = [];
  for (const place of places) {
    if (dice.chance(0.1)) runs.push({ name: place.name, partitions: [] });
    const last = runs.at(-1);
    if (last?.name === place.name) last.partitions.push(asked(place));
    else runs.push({ name: place.name, partitions: [asked(place)] });
  }
  return runs;
}

function write(script: Script, topics: readonly string[]): void {
  const topicData = [
    {
      name: script.dice.pick(topics),
      partitionData: [{ index: script.dice.between(0, 1), records: batch(1) }],
    },
  ];
  script.send(produce, { acks: -1, timeoutMs: 5_000, topicData }, { version: 9 });
}

const nothingLess = { maxWaitMs: 0, minBytes: 0 };
const fetchedFrom = (fetchOffset: bigint) => ({ partition }: Place) => ({ partition, fetchOffset, partitionMaxBytes }); // prettier-ignore

function asVersion(
  version: number,
  memory: Memory,
  { name, partitions }: { readonly name: string; readonly partitions: readonly unknown[] },
) {
  const named = version >= topicIdsSince.fetch ? { topicId: topicIdOf(memory, name) } : { topic: name };
  return { ...named, partitions: partitions as Array<ReturnType<ReturnType<typeof fetchedFrom>>> };
}

function read(script: Script, topics: readonly string[]): void {
  const { dice } = script;
  const version = dice.between(fetch.versions.min, fetch.versions.max);
  const asked = byTopic(script, placesOf(script, topics), fetchedFrom(dice.mostly(0n, [1n, 50n])));
  const maxBytes = dice.mostly(100_000, [1, 150]);
  script.send(
    fetch,
    (memory) => ({
      ...nothingLess,
      maxBytes,
      sessionEpoch: -1,
      topics: asked.map((topic) => asVersion(version, memory, topic)),
    }),
    { version },
  );
}

/** Plays a fetch session that begins with some partitions, adds more, and forgets one. */
function readOn(script: Script, topics: readonly string[]): void {
  const { dice } = script;
  const version = dice.between(sessionsSince, fetch.versions.max);
  const first = byTopic(script, placesOf(script, topics), fetchedFrom(0n));
  script.send(
    fetch,
    (memory) => ({
      ...nothingLess,
      maxBytes: 100_000,
      sessionEpoch: 0,
      topics: first.map((topic) => asVersion(version, memory, topic)),
    }),
    { version, remember: ({ sessionId }, memory) => memory.set('session', sessionId) },
  );
  for (let sessionEpoch = 1; sessionEpoch <= 3; sessionEpoch += 1) {
    if (dice.chance(0.5)) write(script, topics);
    const more = dice.chance(0.5)
      ? byTopic(script, placesOf(script, topics), fetchedFrom(dice.pick([0n, 1n])))
      : [];
    const maxBytes = dice.mostly(100_000, [150]);
    script.send(
      fetch,
      (memory) => ({
        ...nothingLess,
        maxBytes,
        sessionEpoch,
        sessionId: memory.get('session', 1),
        topics: more.map((topic) => asVersion(version, memory, topic)),
      }),
      { version },
    );
  }
}

const committed = (committedOffset: bigint) => ({ partition }: Place) => ({ partitionIndex: partition, committedOffset, committedMetadata: '' }); // prettier-ignore

function commit(script: Script, topics: readonly string[], group: string): void {
  const { dice } = script;
  const version = dice.between(offsetCommit.versions.min, offsetCommit.versions.max);
  const asked = byTopic(script, placesOf(script, topics), committed(BigInt(dice.between(0, 9))));
  const member = dice.mostly(
    { generationIdOrMemberEpoch: -1, memberId: '' },
    [{ generationIdOrMemberEpoch: 1, memberId: 'nobody' }],
    0.85,
  );
  script.send(
    offsetCommit,
    (memory) => ({
      groupId: group,
      ...member,
      retentionTimeMs: -1n,
      topics: asked.map(({ name, partitions }) => ({
        ...(version >= topicIdsSince.commit ? { topicId: topicIdOf(memory, name) } : { name }),
        partitions,
      })),
    }),
    { version },
  );
}

function lookUp(script: Script, _topics: readonly string[], group: string): void {
  script.send(offsetFetch, { groups: [{ groupId: group, topics: null }] }, { version: 8 });
}

/** Commits in a transaction that stays open, so the offsets are pending from then on. */
function commitInTransaction(script: Script, topics: readonly string[], group: string): void {
  const { dice } = script;
  const transactionalId = `${script.prefix}-x`;
  const who = (memory: Memory) => ({
    producerId: memory.get('id', 4_242n),
    producerEpoch: memory.get('epoch', 0),
  });
  const asked = byTopic(script, placesOf(script, topics), committed(7n));
  script.send(
    initProducerId,
    { transactionalId, transactionTimeoutMs: 60_000 },
    {
      version: 4,
      remember: ({ producerId, producerEpoch }, memory) => (
        memory.set('id', producerId),
        memory.set('epoch', producerEpoch)
      ),
    },
  );
  if (dice.chance(0.8))
    script.send(addOffsetsToTxn, (memory) => ({ transactionalId, ...who(memory), groupId: group }), {
      version: 3,
    });
  script.send(
    txnOffsetCommit,
    (memory) => ({ transactionalId, groupId: group, ...who(memory), topics: asked }),
    {
      version: dice.between(txnOffsetCommit.versions.min, txnOffsetCommit.versions.max),
    },
  );
}
