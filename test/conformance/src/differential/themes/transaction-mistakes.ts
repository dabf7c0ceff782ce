import {
  addOffsetsToTxn,
  addPartitionsToTxn,
  endTxn,
  initProducerId,
  writeTxnMarkers,
} from '@millrace/streaming-core/protocol';
import type { Memory } from '../script.ts';
import { newestBatchedClient, producer, type Play } from './transaction-play.ts';

/**
 * Sends what `kafka-transactions abort` sends, for the session's producer or for an unknown one.
 */
export function mark({ script, topic }: Play): void {
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

/** Makes one mistake: in the id, the producer, the epoch, or a batch of several transactions. */
export function odd({ script, id, topic }: Play): void {
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
