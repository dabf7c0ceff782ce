import { encodeBatch } from './record-batch-encoder.ts';
import type { RecordBatch } from './record-batch.ts';
import { recordsOf } from './records.ts';

/*
 * The control record that ends a transaction on one partition (KIP-98), big-endian:
 *   key    version int16 = 0, type int16: 0 abort, 1 commit
 *   value  version int16 = 0, coordinatorEpoch int32
 */
const recordVersion = 0;
const types = { abort: 0, commit: 1 } as const;

export interface TransactionMarker {
  readonly producerId: bigint;
  /**
   * The epoch of the transaction, or the next one: late batches of the transaction are then
   * rejected (KIP-890).
   */
  readonly producerEpoch: number;
  /** Leader epoch of the coordinator's partition of `__transaction_state`. */
  readonly coordinatorEpoch: number;
  readonly committed: boolean;
}

export function encodeMarker(marker: TransactionMarker, nowMs: number): Buffer {
  const { producerId, producerEpoch, coordinatorEpoch, committed } = marker;
  const key = Buffer.alloc(4);
  key.writeInt16BE(recordVersion, 0);
  key.writeInt16BE(committed ? types.commit : types.abort, 2);
  const value = Buffer.alloc(6);
  value.writeInt16BE(recordVersion, 0);
  value.writeInt32BE(coordinatorEpoch, 2);
  return encodeBatch([{ key, value }], {
    timestampMs: BigInt(nowMs),
    producerId,
    producerEpoch,
    control: true,
  });
}

/** Returns undefined for any other batch, including other control batches. */
export function markerOf(batch: RecordBatch): TransactionMarker | undefined {
  if (!batch.isControl || !batch.isTransactional) return undefined;
  const record = recordsOf(batch)?.[0];
  if (record?.key == null || record.value === null || record.key.length < 4 || record.value.length < 6)
    return undefined;
  const type = record.key.readInt16BE(2);
  if (type !== types.abort && type !== types.commit) return undefined;
  const { producerId, producerEpoch } = batch;
  return {
    producerId,
    producerEpoch,
    coordinatorEpoch: record.value.readInt32BE(2),
    committed: type === types.commit,
  };
}
