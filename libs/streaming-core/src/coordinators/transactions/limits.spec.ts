import { describe, expect, it } from '@jest/globals';
import { minutes, silentLogger } from '../../runtime/index.ts';
import { InMemoryLogs } from '../groups/in-memory-logs.fake.ts';
import { ManualClock } from '../../runtime/manual-clock.fake.ts';
import { errorCodes } from '../../protocol/errors.ts';
import type { TransactionSettings } from './transaction.ts';
import { createTransactionCoordinator } from './transaction-coordinator.ts';

/** Coordinators of one broker over the same logs. Topics a and b have 10 partitions each. */
function bench(settings: Partial<TransactionSettings>) {
  const inMemory = new InMemoryLogs();
  const clock = new ManualClock();
  for (const topic of ['a', 'b']) inMemory.addTopic(topic, 10);
  let producerIds = 0n;
  const logs = { ...inMemory.asManager(), allocateProducerId: () => Promise.resolve(producerIds++) };
  const start = () =>
    createTransactionCoordinator({
      logs,
      clock,
      logger: silentLogger,
      settings,
      endOffsets: () => Promise.resolve(),
    });
  return { start };
}

type Coordinator = ReturnType<ReturnType<typeof bench>['start']>;

const init = (coordinator: Coordinator, transactionalId: string) =>
  coordinator.initProducerId({ transactionalId, timeoutMs: minutes(1), expected: undefined });

async function add(coordinator: Coordinator, transactionalId: string, count: number) {
  const producer = coordinator.find(transactionalId)!;
  const partitions = Array.from({ length: count }, (_, index) => ({
    topic: index < 10 ? 'a' : 'b',
    partition: index % 10,
  }));
  return coordinator.addPartitions({ ...producer, version: 0 }, partitions);
}

describe('transactional ids', () => {
  it('are limited in number', async () => {
    const coordinator = bench({ idsMax: 1 }).start();
    expect(await init(coordinator, 'one')).toMatchObject({ errorCode: errorCodes.NONE });
    expect(await init(coordinator, 'two')).toMatchObject({ errorCode: errorCodes.POLICY_VIOLATION });
    expect(await init(coordinator, 'one')).toMatchObject({ errorCode: errorCodes.NONE });
  });

  it('are limited in their memory', async () => {
    const coordinator = bench({ bytesMax: 2_000 }).start();
    expect(await init(coordinator, 'x'.repeat(1_500))).toMatchObject({
      errorCode: errorCodes.POLICY_VIOLATION,
    });
    expect(await init(coordinator, 'x'.repeat(500))).toMatchObject({ errorCode: errorCodes.NONE });
    expect(await init(coordinator, 'another')).toMatchObject({ errorCode: errorCodes.POLICY_VIOLATION });
  });
});

describe('the partitions of transactions', () => {
  it('are limited per transaction', async () => {
    const coordinator = bench({ partitionsPerTransactionMax: 3 }).start();
    await init(coordinator, 'one');
    expect(await add(coordinator, 'one', 4)).toBe('POLICY_VIOLATION');
    expect(await add(coordinator, 'one', 3)).toBe('NONE');
  });

  it('L13 are limited over all transactions until these end, also after a restart', async () => {
    const { start } = bench({ bytesMax: 2 * 506 + 15 * 122 });
    const before = start();
    for (const id of ['one', 'two']) await init(before, id);
    expect(await add(before, 'one', 10)).toBe('NONE');
    expect(await add(before, 'two', 10)).toBe('POLICY_VIOLATION');
    await before.close();
    const coordinator = start();
    expect(await add(coordinator, 'two', 10)).toBe('POLICY_VIOLATION');
    expect(await add(coordinator, 'two', 5)).toBe('NONE');
    expect(await add(coordinator, 'one', 10)).toBe('NONE'); // these are already part of it
    expect(await coordinator.end({ ...coordinator.find('one')!, version: 0 }, true)).toMatchObject({
      errorCode: 0,
    });
    expect(await add(coordinator, 'two', 10)).toBe('NONE');
  });
});
