import { describe, expect, it } from '@jest/globals';
import type { PartitionLog } from '../log/partition-log-port.ts';
import type { ErrorName } from '../protocol/errors.ts';
import type { TransactionCoordinator } from '../coordinators/transactions/transaction-coordinator.ts';
import { TransactionalAppends } from './transactional-appends.ts';

/**
 * Adds partitions when the test says so. The log of a partition has an open transaction from its
 * first write.
 */
function scene() {
  const adding: Array<() => void> = [];
  const written: string[] = [];
  const appends = new TransactionalAppends({
    verify: () => 'INVALID_TXN_STATE',
    addPartitions: () => new Promise<ErrorName>((resolve) => adding.push(() => resolve('NONE'))),
  } as unknown as TransactionCoordinator);
  const send = (partition: number, baseSequence: number): void => {
    const name = `${partition}/${baseSequence}`;
    const hasOpenTransaction = () => written.some((one) => one.startsWith(`${partition}/`));
    const log = { hasOpenTransaction, expectTransaction: () => undefined } as unknown as PartitionLog;
    const versions = { abortableSince: 11, addsSince: 12 };
    const producer = {
      transactionalId: 'a',
      producerId: 1n,
      producerEpoch: 0,
      topic: 't',
      partition,
      baseSequence,
    };
    const admitted = appends.admit({ ...producer, apiVersion: 12, versions }, log);
    if (admitted instanceof Promise) void admitted.then(() => written.push(name));
    else written.push(name);
  };
  return { adding, written, send };
}

const everythingDue = () => new Promise((resolve) => setImmediate(resolve));

describe('the batches of one producer while partitions are added', () => {
  it('are written in the order in which they arrived', async () => {
    const { adding, written, send } = scene();
    send(0, 0);
    send(1, 0);
    send(1, 1);
    adding.shift()?.();
    await everythingDue();
    send(1, 2);
    adding.shift()?.();
    await everythingDue();
    send(1, 3);
    expect(written).toEqual(['0/0', '1/0', '1/1', '1/2', '1/3']);
  });

  it('do not wait once their partition is part of the transaction', async () => {
    const { adding, written, send } = scene();
    send(0, 0);
    adding.shift()?.();
    await everythingDue();
    send(0, 1);
    expect(written).toEqual(['0/0', '0/1']);
  });
});
