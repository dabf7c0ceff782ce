import { crc32c } from '@node-rs/crc32';
import type { ProducedBatch, ProducerState } from './producer-states.ts';

/*
 * Apache Kafka's producer snapshot, `<offset>.snapshot`, version 1, big-endian:
 *   version int16, crc uint32 (CRC-32C of the rest), count int32, then per entry
 *   producerId int64, epoch int16, lastSequence int32, lastOffset int64, offsetDelta int32,
 *   timestamp int64, coordinatorEpoch int32, currentTransactionFirstOffset int64
 * Kafka writes one entry per producer for its last batch, with the last offset -1 if the producer
 * has no batch in its epoch. We write up to five entries, oldest first: Kafka's reader keeps the
 * last one of each producer.
 */
const version = 1;
const headBytes = 10;
const entryBytes = 46;
const sequenceModulus = 2_147_483_648;
const noSequence = -1;

const noBatch = (timestampMs: bigint): ProducedBatch => ({
  firstSequence: noSequence,
  lastSequence: noSequence,
  baseOffset: -1n,
  lastOffset: -1n,
  timestampMs,
});

export function encodeProducerSnapshot(states: readonly ProducerState[]): Buffer {
  const entries = states.flatMap((state) => {
    const batches = state.batches.length > 0 ? state.batches : [noBatch(state.lastTimestampMs)];
    return batches.map((batch) => ({ state, batch }));
  });
  const bytes = Buffer.alloc(headBytes + entries.length * entryBytes);
  bytes.writeInt16BE(version, 0);
  bytes.writeInt32BE(entries.length, 6);
  entries.forEach(({ state, batch }, index) =>
    writeEntry(bytes, headBytes + index * entryBytes, state, batch),
  );
  bytes.writeUInt32BE(crc32c(bytes.subarray(6)), 2);
  return bytes;
}

/**
 * Returns undefined unless the bytes are a whole snapshot of this version. The caller then reads
 * the states from the log.
 */
export function decodeProducerSnapshot(bytes: Buffer): readonly ProducerState[] | undefined {
  if (
    bytes.length < headBytes ||
    bytes.readInt16BE(0) !== version ||
    bytes.readUInt32BE(2) !== crc32c(bytes.subarray(6))
  )
    return undefined;
  if (bytes.length !== headBytes + bytes.readInt32BE(6) * entryBytes) return undefined;
  const states = new Map<bigint, ProducerState>();
  for (let at = headBytes; at < bytes.length; at += entryBytes) {
    const state = readEntry(bytes, at);
    const earlier = states.get(state.producerId)?.batches ?? [];
    states.set(state.producerId, { ...state, batches: [...earlier, ...state.batches] });
  }
  return [...states.values()];
}

function writeEntry(bytes: Buffer, at: number, state: ProducerState, batch: ProducedBatch): void {
  bytes.writeBigInt64BE(state.producerId, at);
  bytes.writeInt16BE(state.epoch, at + 8);
  bytes.writeInt32BE(batch.lastSequence, at + 10);
  bytes.writeBigInt64BE(batch.lastOffset, at + 14);
  bytes.writeInt32BE(Number(batch.lastOffset - batch.baseOffset), at + 22);
  bytes.writeBigInt64BE(batch.timestampMs, at + 26);
  bytes.writeInt32BE(state.coordinatorEpoch, at + 34);
  bytes.writeBigInt64BE(state.transactionFirstOffset ?? -1n, at + 38);
}

function readEntry(bytes: Buffer, at: number): ProducerState {
  const batch = readBatch(bytes, at);
  const transactionFirstOffset = bytes.readBigInt64BE(at + 38);
  return {
    producerId: bytes.readBigInt64BE(at),
    epoch: bytes.readInt16BE(at + 8),
    coordinatorEpoch: bytes.readInt32BE(at + 34),
    transactionFirstOffset: transactionFirstOffset < 0n ? undefined : transactionFirstOffset,
    lastTimestampMs: batch.timestampMs,
    batches: batch.lastOffset < 0n ? [] : [batch],
  };
}

function readBatch(bytes: Buffer, at: number): ProducedBatch {
  const lastSequence = bytes.readInt32BE(at + 10);
  const lastOffset = bytes.readBigInt64BE(at + 14);
  const delta = bytes.readInt32BE(at + 22);
  return {
    firstSequence:
      lastSequence === noSequence ? noSequence : (lastSequence - delta + sequenceModulus) % sequenceModulus,
    lastSequence,
    baseOffset: lastOffset - BigInt(delta),
    lastOffset,
    timestampMs: bytes.readBigInt64BE(at + 26),
  };
}
