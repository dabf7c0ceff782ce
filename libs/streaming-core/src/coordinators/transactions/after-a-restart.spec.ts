import { describe, expect, it } from '@jest/globals';
import { days, hours, minutes, seconds, silentLogger } from '../../runtime/index.ts';
import { InMemoryLogs } from '../groups/in-memory-logs.fake.ts';
import { ManualClock } from '../../runtime/manual-clock.fake.ts';
import { errorCodes } from '../../protocol/errors.ts';
import type { TransactionSettings, InitProducerIdResult, TransactionFilter } from './transaction.ts';
import { stateTopicName } from './transaction-log.ts';
import { createTransactionCoordinator, type TransactionCoordinator } from './transaction-coordinator.ts';

const transactionalId = 'id';
const everyone: TransactionFilter = { statuses: [], producerIds: [], longerThanMs: -1n, pattern: undefined };
const place = { topic: 't', partition: 0 };

/** Tests that span days need no frequent timeout checks. */
const rarely = { timeoutCheckIntervalMs: hours(1) };

/**
 * Coordinators of one broker, one after the other, over the same logs and clock. Producer ids are
 * 0, 1 and so on.
 */
class Bench {
  readonly clock = new ManualClock();
  readonly #logs = new InMemoryLogs();
  readonly #settings: Partial<TransactionSettings>;
  #producerIds = 0n;
  coordinator: TransactionCoordinator;

  constructor(settings: Partial<TransactionSettings> = {}) {
    this.#settings = settings;
    this.#logs.addTopic(place.topic, 1);
    this.coordinator = this.#start();
  }

  /** The number of markers in the partition that is part of every transaction. */
  get markers(): number {
    return this.#logs.batchesOf(place.topic);
  }

  /** Makes the records of `__transaction_state` unreadable from this offset. */
  damage(offset: bigint): void {
    this.#logs.damage(stateTopicName, offset);
  }

  /** The previous coordinator can write nothing more. */
  async restart(): Promise<void> {
    await this.coordinator.close();
    this.coordinator = this.#start();
  }

  init(
    given: { readonly timeoutMs?: number; readonly expected?: InitProducerIdResult } = {},
  ): Promise<InitProducerIdResult> {
    return this.coordinator.initProducerId({
      transactionalId,
      timeoutMs: given.timeoutMs ?? minutes(1),
      expected: given.expected,
    });
  }

  async begin(producer: InitProducerIdResult): Promise<void> {
    expect(await this.coordinator.addPartitions({ transactionalId, ...producer, version: 0 }, [place])).toBe(
      'NONE',
    );
  }

  #start(): TransactionCoordinator {
    const logs = {
      ...this.#logs.asManager(),
      allocateProducerId: () => Promise.resolve(this.#producerIds++),
    };
    const endOffsets = () => Promise.resolve();
    return createTransactionCoordinator({
      logs,
      endOffsets,
      clock: this.clock,
      logger: silentLogger,
      settings: this.#settings,
    });
  }
}

describe('an unused transactional id (transactional.id.expiration.ms)', () => {
  it('expires a week after its last use, also after a restart, and its next producer has another producer id', async () => {
    const bench = new Bench(rarely);
    const producer = await bench.init();
    await bench.begin(producer);
    await bench.coordinator.end({ transactionalId, ...producer, version: 0 }, true);
    await bench.clock.advance(days(7) - hours(1));
    expect(bench.coordinator.list(everyone)).toMatchObject([{ status: 'CompleteCommit' }]);
    await bench.restart();
    await bench.clock.advance(hours(2));

    expect(bench.coordinator.find(transactionalId)).toBeUndefined();
    expect(await bench.coordinator.addPartitions({ transactionalId, ...producer, version: 0 }, [place])).toBe(
      'INVALID_PRODUCER_ID_MAPPING',
    );
    await bench.restart();
    expect(bench.coordinator.list(everyone)).toEqual([]);
    expect(await bench.init()).toMatchObject({
      errorCode: errorCodes.NONE,
      producerId: 1n,
      producerEpoch: 0,
    });
  });

  it('does not expire while it is used', async () => {
    const bench = new Bench(rarely);
    await bench.init();
    await bench.clock.advance(days(6));
    const producer = await bench.init();
    await bench.clock.advance(days(6));
    expect(bench.coordinator.find(transactionalId)).toMatchObject({
      status: 'Empty',
      producerId: producer.producerId,
    });
  });
});

describe('after a restart', () => {
  it('aborts a transaction that timed out meanwhile and fences its producer', async () => {
    const bench = new Bench();
    const producer = await bench.init({ timeoutMs: seconds(30) });
    await bench.begin(producer);
    await bench.restart();
    await bench.clock.advance(seconds(40));

    expect(bench.coordinator.find(transactionalId)).toMatchObject({
      status: 'CompleteAbort',
      producerEpoch: producer.producerEpoch + 1,
    });
    const ended = await bench.coordinator.end({ transactionalId, ...producer, version: 0 }, true);
    expect(ended.errorCode).toBe(errorCodes.PRODUCER_FENCED);
  });

  it('lets a new producer fence the previous one and abort its open transaction', async () => {
    const bench = new Bench();
    const producer = await bench.init();
    await bench.begin(producer);
    await bench.restart();
    expect((await bench.init()).errorCode).toBe(errorCodes.CONCURRENT_TRANSACTIONS);
    expect(await bench.init()).toMatchObject({
      errorCode: errorCodes.NONE,
      producerId: producer.producerId,
      producerEpoch: 2,
    });
    expect(await bench.coordinator.addPartitions({ transactionalId, ...producer, version: 0 }, [place])).toBe(
      'PRODUCER_FENCED',
    );
  });

  it('lets a producer that continues keep its id, but not one that was replaced', async () => {
    const bench = new Bench();
    const producer = await bench.init();
    await bench.restart();
    const next = await bench.init({ expected: producer });
    expect(next).toMatchObject({
      errorCode: errorCodes.NONE,
      producerId: producer.producerId,
      producerEpoch: 1,
    });
    await bench.restart();
    await bench.init();
    expect((await bench.init({ expected: producer })).errorCode).toBe(errorCodes.PRODUCER_FENCED);
  });

  it.each([
    ['its transaction was about to end', 3n],
    ['its transaction was open', 2n],
  ])(
    'refuses an id with unreadable records after the one that says %s, and writes nothing for it',
    async (_, damagedFrom) => {
      const bench = new Bench();
      const producer = await bench.init();
      await bench.begin(producer);
      await bench.coordinator.end({ transactionalId, ...producer, version: 0 }, true);
      await bench.restart();
      expect(bench.coordinator.find(transactionalId)).toMatchObject({ status: 'CompleteCommit' });
      expect(bench.markers).toBe(1);

      bench.damage(damagedFrom);
      await bench.restart();
      await bench.clock.advance(minutes(2));
      expect(bench.markers).toBe(1);
      expect((await bench.init()).errorCode).toBe(errorCodes.NOT_COORDINATOR);
    },
  );
});
