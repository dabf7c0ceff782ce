import {
  addOffsetsToTxn,
  addPartitionsToTxn,
  describeTransactions,
  endTxn,
  initProducerId,
  txnOffsetCommit,
  writeTxnMarkers,
} from '@millrace/streaming-core/protocol';
import type { Script } from '../script.ts';
import { listOf } from './lists.ts';

/** Sends requests for an id that may or may not exist, before or after anything was begun. */
export function transactions(script: Script, topic: string, group: string): void {
  const { dice } = script;
  const transactionalId = `${script.prefix}-x`;
  const kind = dice.pick([
    'init',
    'half',
    'verify',
    'add',
    'offsets',
    'commit',
    'end',
    'mark',
    'describe',
  ] as const);
  const places = dice.pick([
    [],
    [{ name: topic, partitions: [] }],
    [{ name: topic, partitions: [0, 0] }],
    [
      { name: topic, partitions: [0] },
      { name: topic, partitions: [1] },
    ],
  ]);
  const who = (memory: { get: <T>(name: string, otherwise: T) => T }) => ({
    producerId: memory.get('id', 4_242n),
    producerEpoch: memory.get('epoch', 0),
  });
  if (kind === 'init')
    script.send(
      initProducerId,
      { transactionalId, transactionTimeoutMs: 60_000 },
      {
        remember: ({ producerId, producerEpoch }, memory) => (
          memory.set('id', producerId),
          memory.set('epoch', producerEpoch)
        ),
      },
    );
  else if (kind === 'half')
    script.send(
      initProducerId,
      dice.pick([
        { transactionalId, transactionTimeoutMs: 60_000, producerId: 5n, producerEpoch: -1 },
        { transactionalId, transactionTimeoutMs: 60_000, producerId: -1n, producerEpoch: 5 },
      ]),
      { version: dice.between(3, 5) },
    );
  else if (kind === 'verify') {
    const verifyOnly = dice.chance(0.7);
    script.send(
      addPartitionsToTxn,
      (memory) => ({
        transactions: [{ transactionalId, ...who(memory), verifyOnly, topics: places }],
      }),
      { version: dice.pick([4, 5]) },
    );
  } else if (kind === 'add')
    script.send(
      addPartitionsToTxn,
      (memory) => ({
        v3AndBelowTransactionalId: transactionalId,
        v3AndBelowProducerId: who(memory).producerId,
        v3AndBelowProducerEpoch: who(memory).producerEpoch,
        v3AndBelowTopics: places,
      }),
      { version: dice.between(0, 3) },
    );
  else if (kind === 'offsets')
    script.send(addOffsetsToTxn, (memory) => ({ transactionalId, ...who(memory), groupId: group }));
  else if (kind === 'commit') {
    const asked = dice.pick([
      [],
      [{ name: topic, partitions: [] }],
      [
        {
          name: topic,
          partitions: [
            { partitionIndex: 0, committedOffset: 3n, committedMetadata: 'x'.repeat(dice.pick([1, 5_000])) },
          ],
        },
      ],
    ]);
    script.send(
      txnOffsetCommit,
      (memory) => ({ transactionalId, groupId: group, ...who(memory), topics: asked }),
      {
        version: dice.between(0, 5),
      },
    );
  } else if (kind === 'end') {
    const committed = dice.chance(0.5);
    script.send(endTxn, (memory) => ({ transactionalId, ...who(memory), committed }), {
      version: dice.between(0, 4),
    });
    script.settle(
      describeTransactions,
      { transactionalIds: [transactionalId] },
      ({ transactionStates }) => !/^Prepare/.test(transactionStates[0]?.transactionState ?? ''),
    );
  } else if (kind === 'mark') script.send(writeTxnMarkers, { markers: [] });
  else
    script.send(describeTransactions, {
      transactionalIds: listOf(script, transactionalId, `${transactionalId}-unknown`),
    });
}
