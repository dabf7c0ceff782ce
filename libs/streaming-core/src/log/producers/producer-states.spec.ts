import { describe, expect, it } from '@jest/globals';
import { decodeProducerSnapshot, encodeProducerSnapshot } from './producer-snapshot.ts';
import { ProducerStates } from './producer-states.ts';
import { RecordBatch } from '../../records/record-batch.ts';
import { encodeBatch } from '../../records/record-batch-encoder.ts';

interface Sent {
  readonly producerId?: bigint;
  readonly epoch?: number;
  readonly sequence: number;
  readonly count?: number;
  readonly at?: bigint;
  readonly transactional?: boolean;
}

function batchOf({
  producerId = 7n,
  epoch = 0,
  sequence,
  count = 1,
  at = 0n,
  transactional = false,
}: Sent): RecordBatch {
  const records = Array.from({ length: count }, () => ({ value: null }));
  return new RecordBatch(
    encodeBatch(records, {
      timestampMs: 5n,
      baseOffset: at,
      producerId,
      producerEpoch: epoch,
      baseSequence: sequence,
      transactional,
    }),
  );
}

function statesAfter(...sent: Sent[]): ProducerStates {
  const states = new ProducerStates();
  for (const one of sent) states.record(batchOf(one), 0);
  return states;
}

const refusal = (errorName: string) => expect.objectContaining({ errorName });

describe('the states of idempotent producers', () => {
  it('accept the next sequence, and any sequence of an unknown producer', () => {
    const states = statesAfter({ sequence: 40, count: 2 });
    expect(states.duplicateOf(batchOf({ sequence: 42 }))).toBeUndefined();
    expect(states.duplicateOf(batchOf({ producerId: 8n, sequence: 99 }))).toBeUndefined();
  });

  it('recognise each of the last five batches by its first and last sequence', () => {
    const sent = Array.from({ length: 6 }, (_, index) => ({
      sequence: index * 2,
      count: 2,
      at: BigInt(100 + index * 2),
    }));
    const states = statesAfter(...sent);
    for (const one of sent.slice(1))
      expect(states.duplicateOf(batchOf(one))).toMatchObject({ baseOffset: one.at, lastOffset: one.at + 1n });
    expect(() => states.duplicateOf(batchOf(sent[0]!))).toThrow(refusal('OUT_OF_ORDER_SEQUENCE_NUMBER'));
    expect(() => states.duplicateOf(batchOf({ sequence: 10, count: 1 }))).toThrow(
      refusal('OUT_OF_ORDER_SEQUENCE_NUMBER'),
    );
  });

  it('L07 reject a gap', () => {
    expect(() => statesAfter({ sequence: 0 }).duplicateOf(batchOf({ sequence: 2 }))).toThrow(
      refusal('OUT_OF_ORDER_SEQUENCE_NUMBER'),
    );
  });

  it('wrap sequences around at their end, even inside a batch', () => {
    expect(statesAfter({ sequence: 2_147_483_647 }).duplicateOf(batchOf({ sequence: 0 }))).toBeUndefined();
    expect(
      statesAfter({ sequence: 2_147_483_647, count: 3 }).duplicateOf(batchOf({ sequence: 2 })),
    ).toBeUndefined();
  });

  it('fence an older epoch and let a newer one begin only at sequence 0', () => {
    const states = statesAfter({ epoch: 3, sequence: 0 });
    expect(() => states.duplicateOf(batchOf({ epoch: 2, sequence: 0 }))).toThrow(
      refusal('INVALID_PRODUCER_EPOCH'),
    );
    expect(() => states.duplicateOf(batchOf({ epoch: 4, sequence: 1 }))).toThrow(
      refusal('OUT_OF_ORDER_SEQUENCE_NUMBER'),
    );
    expect(states.duplicateOf(batchOf({ epoch: 4, sequence: 0 }))).toBeUndefined();
    states.record(batchOf({ epoch: 4, sequence: 0, at: 1n }), 0);
    expect(() => states.duplicateOf(batchOf({ epoch: 3, sequence: 0 }))).toThrow(
      refusal('INVALID_PRODUCER_EPOCH'),
    );
  });

  it('forget producers that were silent for too long, and the longest silent ones beyond the limit', () => {
    const states = new ProducerStates({ expirationMs: () => 1_000, producersMax: 2 });
    states.record(batchOf({ producerId: 1n, sequence: 0 }), 0);
    states.record(batchOf({ producerId: 2n, sequence: 0 }), 900);
    states.record(batchOf({ producerId: 3n, sequence: 0 }), 1_001);
    expect(states.all().map((state) => state.producerId)).toEqual([2n, 3n]);
    states.record(batchOf({ producerId: 2n, sequence: 1 }), 1_002);
    states.record(batchOf({ producerId: 4n, sequence: 0 }), 1_003);
    expect(states.all().map((state) => state.producerId)).toEqual([2n, 4n]);
  });

  it('forget silent producers on request, but never one with an open transaction', () => {
    let expirationMs = 1_000;
    const states = new ProducerStates({ expirationMs: () => expirationMs });
    for (const producerId of [1n, 2n, 3n])
      states.record(
        batchOf({ producerId, sequence: 0, transactional: producerId === 1n }),
        Number(producerId),
      );
    states.forgetOld(1_000);
    expect(states.size).toBe(3);
    expirationMs = 997;
    states.forgetOld(1_000);
    expect(states.all().map((state) => state.producerId)).toEqual([1n, 3n]);
    states.forgetOld(1_000, 1);
    expect(states.all().map((state) => state.producerId)).toEqual([1n]);
  });

  it('are restored completely from a snapshot', () => {
    const states = statesAfter(
      { sequence: 2_147_483_646, count: 3, at: 10n },
      { sequence: 1, at: 13n },
      { producerId: 9n, epoch: 2, sequence: 5, at: 14n },
    );
    const restored = new ProducerStates();
    restored.restore(decodeProducerSnapshot(encodeProducerSnapshot(states.all()))!, 0);
    expect(restored.all()).toEqual(states.all());
    expect(restored.duplicateOf(batchOf({ sequence: 2_147_483_646, count: 3 }))).toMatchObject({
      baseOffset: 10n,
    });
  });

  it('are not restored from a snapshot with a wrong or missing byte', () => {
    const whole = encodeProducerSnapshot(statesAfter({ sequence: 0 }).all());
    for (let at = 0; at < whole.length; at += 1) {
      const flipped = Buffer.from(whole);
      flipped[at]! ^= 1;
      expect(decodeProducerSnapshot(flipped)).toBeUndefined();
      expect(decodeProducerSnapshot(whole.subarray(0, at))).toBeUndefined();
    }
  });
});
