import type { RecordToEncode } from '../../records/record-batch-encoder.ts';
import { array, arrayOf, int16, int32, int64, int8, string, struct } from '../../protocol/schema.ts';
import { WireReader } from '../../protocol/wire-reader.ts';
import { WireWriter } from '../../protocol/wire-writer.ts';
import {
  noEpoch,
  noProducer,
  statusCodes,
  type ProtocolVersion,
  type TopicPartition,
  type Transaction,
  type TransactionStatus,
} from './transaction.ts';

/*
 * Records of `__transaction_state`, in the format of Apache Kafka (`TransactionLogKey` and
 * `TransactionLogValue`). Key and value each begin with an int16 version, and a null value is a
 * tombstone.
 */
const keyVersion = 0;
const valueVersion = 1;

const transactionKey = struct(
  'TransactionLogKey',
  { versions: '0', flexible: 'none' },
  { transactionalId: string() },
);

const transactionValue = struct(
  'TransactionLogValue',
  { versions: '0-1', flexible: '1+' },
  {
    producerId: int64(),
    previousProducerId: int64({ versions: '1+', tag: 0, absent: -1n }),
    nextProducerId: int64({ versions: '1+', tag: 1, absent: -1n }),
    producerEpoch: int16(),
    nextProducerEpoch: int16({ versions: '1+', tag: 3, absent: -1 }),
    timeoutMs: int32(),
    status: int8(),
    partitions: array({ topic: string(), partitions: arrayOf(int32()) }, { nullable: '0+' }),
    updatedAtMs: int64(),
    startedAtMs: int64(),
    clientVersion: int16({ versions: '1+', tag: 2, absent: 0 }),
  },
);

type KeyedRecord = Required<Pick<RecordToEncode, 'key' | 'value'>>;

export function transactionRecord(transaction: Transaction): KeyedRecord {
  const {
    transactionalId,
    producerId,
    previousProducerId,
    nextProducerId,
    producerEpoch,
    timeoutMs,
    status,
    version,
  } = transaction;
  const value = new WireWriter();
  value.int16(valueVersion);
  transactionValue.codec(valueVersion).write(value, {
    producerId,
    previousProducerId,
    nextProducerId,
    producerEpoch,
    timeoutMs,
    status: statusCodes[status],
    partitions: status === 'Empty' ? null : byTopic(transaction.partitions),
    updatedAtMs: BigInt(transaction.updatedAtMs),
    startedAtMs: BigInt(transaction.startedAtMs),
    clientVersion: version,
  });
  return { key: keyOf(transactionalId), value: value.toBuffer() };
}

/** The record of an expired id. */
export const tombstone = (transactionalId: string): KeyedRecord => ({
  key: keyOf(transactionalId),
  value: null,
});

/**
 * Returns a record without `transaction` for a tombstone, and undefined for a key of another kind.
 * Throws when the bytes do not match their version.
 */
export function readTransactionRecord(
  key: Buffer,
  value: Buffer | null,
): { readonly transactionalId: string; readonly transaction: Transaction | undefined } | undefined {
  const reader = new WireReader(key);
  if (reader.int16() !== keyVersion) return undefined;
  const { transactionalId } = transactionKey.codec(keyVersion).read(reader);
  return { transactionalId, transaction: value === null ? undefined : readValue(transactionalId, value) };
}

function readValue(transactionalId: string, bytes: Buffer): Transaction {
  const reader = new WireReader(bytes);
  const {
    clientVersion,
    nextProducerEpoch: _,
    ...value
  } = transactionValue.codec(reader.int16()).read(reader);
  return {
    ...value,
    transactionalId,
    status: statusOf(value.status),
    lastProducerEpoch: noEpoch,
    partitions: (value.partitions ?? []).flatMap(({ topic, partitions }) =>
      partitions.map((partition) => ({ topic, partition })),
    ),
    updatedAtMs: Number(value.updatedAtMs),
    startedAtMs: Number(value.startedAtMs),
    version: (clientVersion >= 2 ? 2 : 0) satisfies ProtocolVersion,
    previousProducerId: value.previousProducerId ?? noProducer,
  };
}

function statusOf(code: number): TransactionStatus {
  const found = Object.entries(statusCodes).find(([, known]) => known === code);
  if (found === undefined) throw new RangeError(`${code} is not a state of a transaction`);
  return found[0] as TransactionStatus;
}

function keyOf(transactionalId: string): Buffer {
  const writer = new WireWriter();
  writer.int16(keyVersion);
  transactionKey.codec(keyVersion).write(writer, { transactionalId });
  return writer.toBuffer();
}

/** Groups partitions by topic, as the log and the describing APIs list them. */
export function byTopic(
  partitions: readonly TopicPartition[],
): Array<{ topic: string; partitions: number[] }> {
  const topics = new Map<string, number[]>();
  for (const { topic, partition } of partitions) topics.set(topic, [...(topics.get(topic) ?? []), partition]);
  return [...topics].map(([topic, numbers]) => ({ topic, partitions: numbers.sort((a, b) => a - b) }));
}
