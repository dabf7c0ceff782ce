import {
  addOffsetsToTxn,
  addPartitionsToTxn,
  deleteGroups,
  describeProducers,
  describeTransactions,
  endTxn,
  fetch,
  findCoordinator,
  initProducerId,
  listOffsets,
  listTransactions,
  offsetCommit,
  offsetDelete,
  offsetFetch,
  produce,
  txnOffsetCommit,
} from '@millrace/streaming-core/protocol';
import { transactionalBatch } from '../batches.ts';
import type { Script } from '../script.ts';
import { topicIdOf } from './records.ts';
import { newestBatchedClient, producer, remember, type Play } from './transaction-play.ts';
import { mark, odd } from './transaction-mistakes.ts';

const partitions = 2;

/**
 * Plays transactions of both protocols: begun, written, fenced, ended twice, ended empty, and read
 * with both isolation levels.
 */
export function transactionsTheme(script: Script): void {
  const { dice } = script;
  const topic = script.topic('t', partitions);
  const play: Play = {
    script,
    level: dice.pick([1, 2]),
    id: `${script.prefix}-x`,
    topic,
    group: `${script.prefix}-g`,
    sequence: 0,
  };
  script.settle(findCoordinator, { key: play.id, keyType: 1 }, ({ errorCode }) => errorCode === 0, {
    version: 2,
  });
  script.settle(findCoordinator, { key: play.group, keyType: 0 }, ({ errorCode }) => errorCode === 0, {
    version: 2,
  });
  begin(play);
  const acts = { add, write, offsets, end, begin, look, read, odd, mark, erase };
  const weights = {
    add: play.level === 1 ? 4 : 1,
    write: 6,
    offsets: 2,
    end: 3,
    begin: 1,
    look: 2,
    read: 3,
    odd: 2,
    mark: 0.3,
    erase: 0.7,
  };
  for (let left = dice.between(8, 18); left > 0; left -= 1) acts[dice.weighted(weights)](play);
  end(play);
  read(play);
}

/** Sequences start again with each producer epoch. Both levels start at 0 after it. */
function begin(play: Play): void {
  const { script, id } = play;
  script.send(initProducerId, { transactionalId: id, transactionTimeoutMs: 60_000 }, { remember });
  play.sequence = 0;
  settled(play);
}

/** Waits for the end of the transaction, which an engine completes after it has answered. */
function settled({ script, id }: Play): void {
  script.settle(
    describeTransactions,
    { transactionalIds: [id] },
    ({ transactionStates }) => !/^Prepare/.test(transactionStates[0]?.transactionState ?? ''),
  );
}

function add({ script, id, topic }: Play): void {
  const version = script.dice.between(0, newestBatchedClient);
  const name = script.dice.mostly(topic, [`${topic}-unknown`], 0.9);
  const asked = [{ name, partitions: script.dice.mostly([0, 1], [[0], [1], [0, 9]], 0.5) }];
  script.send(
    addPartitionsToTxn,
    (memory) => {
      const { producerId, producerEpoch } = producer(memory);
      return {
        v3AndBelowTransactionalId: id,
        v3AndBelowProducerId: producerId,
        v3AndBelowProducerEpoch: producerEpoch,
        v3AndBelowTopics: asked,
      };
    },
    { version },
  );
}

const newestOfLevelOne = 11;

const topicIdSince = 13;

function write(play: Play): void {
  const { script, level, id, topic } = play;
  const { dice } = script;
  const version =
    level === 1
      ? dice.between(3, newestOfLevelOne)
      : dice.between(newestOfLevelOne + 1, produce.versions.max);
  const count = dice.between(1, 3);
  // One partition has all sequences. The other is written once, from 0 on.
  const baseSequence = dice.mostly(play.sequence, [play.sequence + 7, 0], 0.9);
  const transactionalId = dice.mostly(id, [null, `${id}-other`], 0.95);
  script.send(
    produce,
    (memory) => {
      const records = transactionalBatch(count, { ...producer(memory), baseSequence });
      const place = version >= topicIdSince ? { topicId: topicIdOf(memory, topic) } : { name: topic };
      return {
        transactionalId,
        acks: -1,
        timeoutMs: 5_000,
        topicData: [{ ...place, partitionData: [{ index: 0, records }] }],
      };
    },
    { version },
  );
  if (baseSequence === play.sequence) play.sequence += count;
}

function offsets({ script, level, id, topic, group }: Play): void {
  const { dice } = script;
  const groupId = dice.mostly(group, [`${group}-2`, ''], 0.95);
  if (level === 1 && dice.chance(0.8))
    script.send(addOffsetsToTxn, (memory) => ({ transactionalId: id, ...producer(memory), groupId: group }));
  const version = level === 1 ? dice.between(0, 4) : 5;
  const member = dice.mostly(
    {},
    version >= 3
      ? [
          { generationId: 1, memberId: 'nobody' },
          { generationId: 5, memberId: '' },
        ]
      : [{}],
    0.85,
  );
  const asked = {
    partitionIndex: dice.mostly(0, [9], 0.9),
    committedOffset: BigInt(dice.between(0, 5)),
    committedMetadata: dice.pick(['m', null, '']),
  };
  script.send(
    txnOffsetCommit,
    (memory) => ({
      transactionalId: id,
      groupId,
      ...producer(memory),
      ...member,
      topics: [{ name: topic, partitions: [asked] }],
    }),
    { version },
  );
  script.send(
    offsetFetch,
    { groupId: group, topics: [{ name: topic, partitionIndexes: [0, 1] }], requireStable: dice.chance(0.3) },
    { version: dice.pick([5, 6]) },
  );
}

/**
 * Deletes the group or the offsets that the transaction has committed, or commits them once more
 * without it.
 */
function erase({ script, topic, group }: Play): void {
  const kind = script.dice.pick(['group', 'offset', 'plain'] as const);
  if (kind === 'group') script.send(deleteGroups, { groupsNames: [group] });
  else if (kind === 'offset')
    script.send(offsetDelete, {
      groupId: group,
      topics: [{ name: topic, partitions: [{ partitionIndex: 0 }] }],
    });
  else {
    const partitions = [{ partitionIndex: 0, committedOffset: 7n, committedMetadata: 'plain' }];
    script.send(offsetCommit, { groupId: group, topics: [{ name: topic, partitions }] }, { version: 7 });
  }
  script.send(
    offsetFetch,
    { groupId: group, topics: null, requireStable: script.dice.chance(0.5) },
    { version: 7 },
  );
}

function end(play: Play): void {
  const { script, level, id } = play;
  const committed = script.dice.chance(0.6);
  const version = level === 1 ? script.dice.between(0, 4) : 5;
  script.send(endTxn, (memory) => ({ transactionalId: id, ...producer(memory), committed }), {
    version,
    remember,
  });
  settled(play);
  if (level === 2) play.sequence = 0;
}

function look({ script, id, topic }: Play): void {
  const kind = script.dice.pick(['producers', 'transactions', 'list'] as const);
  if (kind === 'producers')
    script.send(describeProducers, { topics: [{ name: topic, partitionIndexes: [0] }] });
  else if (kind === 'transactions')
    script.send(describeTransactions, {
      transactionalIds: script.dice.pick([[id], [id, `${id}-unknown`], ['']]),
    });
  else
    script.send(listTransactions, {
      stateFilters: script.dice.pick([
        [],
        ['Ongoing'],
        ['ongoing'],
        ['CompleteCommit', 'Empty'],
        ['NoSuchState'],
      ]),
      producerIdFilters: script.dice.pick([[], [], [987_654_321n]]),
      durationFilter: script.dice.pick([-1n, -1n, 1_000_000n]),
      transactionalIdPattern: script.dice.pick([null, null, '', `${id}.*`, '(', 'zzz']),
    });
}

function read({ script, topic }: Play): void {
  const { dice } = script;
  const isolationLevel = dice.pick([0, 1]);
  const asked = {
    partition: 0,
    currentLeaderEpoch: -1,
    fetchOffset: BigInt(dice.pick([0, 0, 1, 3])),
    partitionMaxBytes: 1_000_000,
  };
  script.send(
    fetch,
    {
      maxWaitMs: 0,
      minBytes: 0,
      maxBytes: 1_000_000,
      isolationLevel,
      sessionEpoch: -1,
      topics: [{ topic, partitions: [asked] }],
    },
    { version: dice.between(fetch.versions.min, 12) },
  );
  script.send(
    listOffsets,
    {
      replicaId: -1,
      isolationLevel,
      topics: [{ name: topic, partitions: [{ partitionIndex: 0, timestamp: dice.pick([-1n, -2n]) }] }],
    },
    { version: dice.between(7, 9) },
  );
}
