import { describeProducers, initProducerId, produce } from '@millrace/streaming-core/protocol';
import { batch } from '../batches.ts';
import type { Memory, Script } from '../script.ts';
import { topicIdOf } from './records.ts';

const topicIdSince = 13;

/** Plays idempotent producers with sequences in order, repeated, with gaps and of other epochs. */
export function producersTheme(script: Script): void {
  const { dice } = script;
  const topic = script.topic('t');
  newProducer(script);
  let sequence = 0;
  for (let left = dice.between(8, 16); left > 0; left -= 1) {
    const count = dice.between(1, 3);
    const move = dice.weighted({
      next: 6,
      again: 2,
      gap: 1,
      back: 1,
      newEpoch: 1,
      oldEpoch: 1,
      unknown: 1,
      restart: 1,
      describe: 1,
    });
    if (move === 'restart') {
      newProducer(script);
      sequence = 0;
    } else if (move === 'describe') describe(script, topic);
    else {
      const at = {
        next: sequence,
        again: Math.max(0, sequence - count),
        gap: sequence + 5,
        back: 0,
        newEpoch: dice.pick([0, sequence]),
        oldEpoch: sequence,
        unknown: dice.pick([0, 3]),
      };
      const epoch = { next: 1, again: 1, gap: 1, back: 1, newEpoch: 2, oldEpoch: 0, unknown: 1 };
      write(script, topic, { count, sequence: at[move], epochShift: epoch[move], known: move !== 'unknown' });
      if (move === 'next') sequence += count;
    }
  }
}

function newProducer(script: Script): void {
  const remember = (
    { producerId, producerEpoch }: { producerId: bigint; producerEpoch: number },
    memory: Memory,
  ) => {
    memory.set('id', producerId);
    memory.set('epoch', producerEpoch);
  };
  script.send(
    initProducerId,
    { transactionalId: null, transactionTimeoutMs: script.dice.pick([60_000, 0, -1]) },
    { remember },
  );
  const transactionalId = script.dice.mostly(null, [''], 0.7);
  if (script.dice.chance(0.2))
    script.send(
      initProducerId,
      (memory) => ({
        transactionalId,
        transactionTimeoutMs: 60_000,
        producerId: memory.get('id', -1n),
        producerEpoch: memory.get('epoch', -1),
      }),
      { remember },
    );
}

interface Write {
  readonly count: number;
  readonly sequence: number;
  readonly epochShift: number;
  readonly known: boolean;
}

function write(script: Script, topic: string, { count, sequence, epochShift, known }: Write): void {
  const version = script.dice.between(produce.versions.min, produce.versions.max);
  const acks = script.dice.pick([-1, -1, 1]);
  script.send(
    produce,
    (memory) => {
      const producer = {
        producerId: known ? memory.get('id', 1n) : 987_654_321n,
        producerEpoch: memory.get('epoch', 0) + epochShift,
        baseSequence: sequence,
      };
      const place = version >= topicIdSince ? { topicId: topicIdOf(memory, topic) } : { name: topic };
      return {
        transactionalId: null,
        acks,
        timeoutMs: 5_000,
        topicData: [{ ...place, partitionData: [{ index: 0, records: batch(count, producer) }] }],
      };
    },
    { version },
  );
}

function describe(script: Script, topic: string): void {
  const name = script.dice.mostly(topic, [`${topic}-unknown`, ''], 0.8);
  script.send(describeProducers, {
    topics: [{ name, partitionIndexes: [script.dice.mostly(0, [1, -1], 0.8)] }],
  });
}
