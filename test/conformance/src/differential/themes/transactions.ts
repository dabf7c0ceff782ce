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
  writeTxnMarkers,
} from '@millrace/streaming-core/protocol';
import { transactionalBatch } from '../batches.ts';
import type { Memory, Script } from '../script.ts';
import { topicIdOf } from './records.ts';

/** The protocol that a session speaks: with level 2 a produce request adds its partition by itself, and each end gives a new epoch (KIP-890). */
type Level = 1 | 2;

interface Play {
  readonly script: Script;
  readonly level: Level;
  readonly id: string;
  readonly topic: string;
  readonly group: string;
  sequence: number;
}

const partitions = 2;
const newestBatchedClient = 3;

/** Transactions of both protocols: begun, written, fenced, ended twice, ended empty, read with both isolations. */
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

const producer = (memory: Memory) => ({
  producerId: memory.get('id', 4_242n),
  producerEpoch: memory.get('epoch', 0),
});

const remember = (
  { errorCode, producerId, producerEpoch }: { errorCode: number; producerId: bigint; producerEpoch: number },
  memory: Memory,
): void => {
  if (errorCode !== 0 || producerId < 0n) return;
  memory.set('id', producerId);
  memory.set('epoch', producerEpoch);
};

/** Sequences begin anew with each producer epoch; both levels start at 0 after it. */
function begin(play: Play): void {
  const { script, id } = play;
  script.send(initProducerId, { transactionalId: id, transactionTimeoutMs: 60_000 }, { remember });
  play.sequence = 0;
  settled(play);
}

/** An engine completes a transaction after it has answered. */
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
  // One partition has all sequences: the other is written from 0 on once.
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

/** What happens to offsets that the transaction has committed: the group or they are deleted, or committed once more without it. */
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

/** What `kafka-transactions abort` sends, for the session's producer or one that nobody knows. */
function mark({ script, topic }: Play): void {
  const { dice } = script;
  const shift = { id: dice.pick([0n, 1_000_000n]), epoch: dice.pick([0, 0, 5]) };
  const topics = [
    { name: dice.mostly(topic, [`${topic}-unknown`], 0.8), partitionIndexes: dice.pick([[0], [0, 9]]) },
  ];
  script.send(writeTxnMarkers, (memory) => {
    const { producerId, producerEpoch } = producer(memory);
    const who = { producerId: producerId + shift.id, producerEpoch: producerEpoch + shift.epoch };
    return { markers: [{ ...who, transactionResult: false, topics, coordinatorEpoch: 0 }] };
  });
}

/** Wrong in one thing: id, producer, epoch, a batch of several transactions. */
function odd({ script, id, topic }: Play): void {
  const { dice } = script;
  const transactionalId = dice.mostly(id, [`${id}-unknown`, ''], 0.5);
  const shift = { epoch: dice.pick([0, 1, -1, 5]), id: dice.pick([0n, 0n, 1_000_000n]) };
  const who = (memory: Memory) => {
    const { producerId, producerEpoch } = producer(memory);
    return { producerId: producerId + shift.id, producerEpoch: producerEpoch + shift.epoch };
  };
  const wrong = transactionalId !== id || shift.epoch !== 0 || shift.id !== 0n;
  const kind = dice.pick(['end', 'add', 'offsets', 'init', 'verify'] as const);
  const topics = [{ name: topic, partitions: [0] }];
  if (kind === 'init') {
    const timeout = dice.pick([0, -1, 900_001, 60_000]);
    const version = dice.between(0, initProducerId.versions.max);
    if (version >= 3 && wrong)
      script.send(
        initProducerId,
        (memory) => ({ transactionalId, transactionTimeoutMs: timeout, ...who(memory) }),
        { version },
      );
    else script.send(initProducerId, { transactionalId: '', transactionTimeoutMs: timeout }, { version });
  } else if (kind === 'verify')
    script.send(
      addPartitionsToTxn,
      (memory) => ({ transactions: [{ transactionalId, ...who(memory), verifyOnly: true, topics }] }),
      {
        version: dice.pick([4, 5]),
      },
    );
  else if (!wrong) return;
  else if (kind === 'end')
    script.send(endTxn, (memory) => ({ transactionalId, ...who(memory), committed: true }), {
      version: dice.between(0, endTxn.versions.max),
    });
  else if (kind === 'offsets')
    script.send(addOffsetsToTxn, (memory) => ({
      transactionalId,
      ...who(memory),
      groupId: `${script.prefix}-g`,
    }));
  else
    script.send(
      addPartitionsToTxn,
      (memory) => ({
        v3AndBelowTransactionalId: transactionalId,
        v3AndBelowProducerId: who(memory).producerId,
        v3AndBelowProducerEpoch: who(memory).producerEpoch,
        v3AndBelowTopics: topics,
      }),
      { version: dice.between(0, newestBatchedClient) },
    );
}
