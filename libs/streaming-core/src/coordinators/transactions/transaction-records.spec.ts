import { describe, expect, it } from '@jest/globals';
import { readTransactionRecord, tombstone, transactionRecord } from './transaction-records.ts';
import { partitionOfId } from '../coordinator-topic.ts';
import { newTransaction, type Transaction } from './transaction.ts';

const ongoing: Transaction = {
  ...newTransaction('id', 7n, 1_000),
  status: 'Ongoing',
  producerEpoch: 3,
  timeoutMs: 60_000,
  startedAtMs: 900,
  version: 2,
  previousProducerId: 6n,
  nextProducerId: 8n,
  partitions: [
    { topic: 't', partition: 0 },
    { topic: 't', partition: 4 },
    { topic: 'u', partition: 1 },
  ],
};

describe('records of __transaction_state', () => {
  it('hold the whole transaction except the previous epoch, which is only needed for retries', () => {
    const { key, value } = transactionRecord({ ...ongoing, lastProducerEpoch: 2 });
    expect(readTransactionRecord(key!, value)).toEqual({
      transactionalId: 'id',
      transaction: { ...ongoing, lastProducerEpoch: -1 },
    });
  });

  it("have Kafka's layout, version 1", () => {
    const { key, value } = transactionRecord({
      ...newTransaction('id', 7n, 1),
      timeoutMs: 5,
      producerEpoch: 0,
    });
    expect(key!.toString('hex')).toBe('000000026964');
    expect(value!.toString('hex')).toBe(
      `0001${'0000000000000007'}0000${'00000005'}00${'00'}${'0000000000000001'}${'ffffffffffffffff'}00`,
    );
  });

  it('are tombstones for expired ids, and ignored if their key is of another version', () => {
    const { key, value } = tombstone('id');
    expect(readTransactionRecord(key!, value)).toEqual({ transactionalId: 'id', transaction: undefined });
    expect(readTransactionRecord(Buffer.from('0009', 'hex'), null)).toBeUndefined();
  });

  it("are in the partition of Java's hash, made positive", () => {
    expect(partitionOfId('omega-9', 50)).toBe(41);
    expect(partitionOfId('zebra', 50)).toBe(12);
  });
});
