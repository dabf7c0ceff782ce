import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { fc } from '@millrace/testing/random';
import { silentLogger } from '../../runtime/index.ts';
import { InMemoryLogs } from '../groups/in-memory-logs.fake.ts';
import { ManualClock } from '../../runtime/manual-clock.fake.ts';
import { CoordinatorTopic, type Producer } from '../coordinator-topic.ts';
import type { PartitionLog } from '../../log/partition-log-port.ts';
import type { LogManager } from '../../log/log-manager.ts';
import { errorCodes, ProtocolError } from '../../protocol/errors.ts';
import { isPreparing, type ProtocolVersion, type Transaction } from './transaction.ts';
import { createTransactionCoordinator, type TransactionCoordinator } from './transaction-coordinator.ts';
import { readTransactionRecord } from './transaction-records.ts';
import { stateTopicName } from './transaction-log.ts';

const topic = 'orders';
const partitions = [0, 1, 2];
const transactionalId = 'id';

type Event = 'init' | 'crash' | 'late' | 'markers fail' | 'markers go';
type Step =
  | { readonly kind: 'event'; readonly event: Event }
  | { readonly kind: 'add'; readonly partition: number; readonly version: ProtocolVersion }
  | { readonly kind: 'end'; readonly committed: boolean; readonly version: ProtocolVersion };

const version = fc.constantFrom<ProtocolVersion>(0, 2);
const event = (...events: Event[]) =>
  fc.record({ kind: fc.constant('event' as const), event: fc.constantFrom(...events) });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: event('init', 'crash', 'late') },
  { weight: 1, arbitrary: event('markers fail', 'markers go') },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('add' as const),
      partition: fc.constantFrom(...partitions),
      version,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('end' as const), committed: fc.boolean(), version }),
  },
);

/**
 * One transactional id and its coordinator, which may crash at any moment. Markers may be delayed.
 */
class Model {
  readonly #clock = new ManualClock();
  readonly #logs = new InMemoryLogs();
  #life = { alive: true };
  #markersFail = false;
  #coordinator: TransactionCoordinator;
  #producer: Producer | undefined;
  /** The outcomes of acknowledged EndTxn requests, in order. */
  readonly acknowledged: boolean[] = [];

  constructor() {
    this.#logs.addTopic(topic, partitions.length);
    this.#coordinator = this.#start();
  }

  async play(one: Step): Promise<void> {
    if (one.kind === 'event') return this.#happen(one.event);
    if (this.#producer === undefined) return;
    const input = { transactionalId, ...this.#producer, version: one.version };
    if (one.kind === 'end') await this.#end(one.committed, input);
    else await this.#answer(this.#coordinator.addPartitions(input, [{ topic, partition: one.partition }]));
  }

  async #happen(one: Event): Promise<void> {
    if (one === 'late') await this.#clock.advance(75_000);
    else if (one === 'crash') this.#coordinator = this.#start();
    else if (one === 'init') this.#holds(await this.#answer(this.#coordinator.initProducerId(this.#wanted)));
    else this.#markersFail = one === 'markers fail';
  }

  /**
   * Lets everything finish, and returns what the log says about the id and the outcomes that the
   * partitions received.
   */
  async finish() {
    this.#markersFail = false;
    for (let turn = 0; turn < 5; turn += 1) await this.#clock.advance(1_000);
    const told = partitions.map((partition) =>
      this.#batches(topic, partition).flatMap(({ marker }) => (marker === undefined ? [] : [marker])),
    );
    return { decided: this.#recorded().filter(isPreparing), last: this.#recorded().at(-1), told };
  }

  readonly #wanted = { transactionalId, timeoutMs: 60_000, expected: undefined };

  async #end(committed: boolean, input: Parameters<TransactionCoordinator['end']>[0]): Promise<void> {
    const before = this.#recorded().filter(isPreparing).length;
    const answer = await this.#answer(this.#coordinator.end(input, committed));
    if (answer.errorCode !== errorCodes.NONE) return;
    if (this.#recorded().filter(isPreparing).length > before) this.acknowledged.push(committed);
    if (input.version === 2) this.#holds(answer);
  }

  #holds({ errorCode, producerId, producerEpoch }: Awaited<ReturnType<TransactionCoordinator['end']>>): void {
    if (errorCode === errorCodes.NONE) this.#producer = { producerId, producerEpoch };
  }

  /** A request may wait for markers, so the clock has to advance. */
  async #answer<Answer>(request: Promise<Answer>): Promise<Answer> {
    for (let turn = 0; turn < 3; turn += 1) await setImmediate();
    await this.#clock.advance(1_000);
    return request;
  }

  #recorded(): Transaction[] {
    return this.#batches(stateTopicName).flatMap(({ records }) =>
      records.flatMap(({ key, value }) => readTransactionRecord(key!, value)?.transaction ?? []),
    );
  }

  #batches(name: string, partition?: number) {
    const logs = this.#logs.asManager();
    const all = new CoordinatorTopic({
      logs,
      clock: this.#clock,
      logger: silentLogger,
      name,
      partitions: 1,
      configs: new Map(),
      loadBytesMax: 1 << 20,
    });
    return [...all.batches()].filter((batch) => partition === undefined || batch.partition === partition);
  }

  /** The previous coordinator can write nothing more. */
  #start(): TransactionCoordinator {
    this.#life.alive = false;
    const life = (this.#life = { alive: true });
    const real = this.#logs.asManager();
    const logs: LogManager = {
      ...real,
      partition: (name, partition) =>
        life.alive ? this.#partition(real.partition(name, partition), name) : undefined,
    };
    return createTransactionCoordinator({
      logs,
      clock: this.#clock,
      logger: silentLogger,
      endOffsets: () => Promise.resolve(),
    });
  }

  #partition(log: PartitionLog | undefined, name: string): PartitionLog | undefined {
    if (log === undefined || name !== topic || !this.#markersFail) return log;
    const refuse = () => {
      throw new ProtocolError('KAFKA_STORAGE_ERROR', 'the disk is full');
    };
    return Object.create(log, { appendMarker: { value: refuse } }) as PartitionLog;
  }
}

const outcome = (transaction: Transaction) =>
  `${transaction.producerEpoch} ${transaction.status === 'PrepareCommit'}`;
/** Markers may be written twice around a crash. */
const withoutRepetition = (all: readonly string[]) => all.filter((one, index) => one !== all[index - 1]);

describe('the coordinator of a transactional id', () => {
  it('L31 tells every partition of a transaction the outcome in its log, in order, whatever happens in between', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 30 }), async (steps) => {
        const model = new Model();
        for (const one of [{ kind: 'event', event: 'init' } as const, ...steps]) await model.play(one);
        const { decided, last, told } = await model.finish();
        expect(last === undefined || !isPreparing(last)).toBe(true);
        for (const partition of partitions) {
          const markers = told[partition]!.map(
            ({ producerEpoch, committed }) => `${producerEpoch} ${committed}`,
          );
          const expected = decided
            .filter((one) => one.partitions.some((it) => it.partition === partition))
            .map(outcome);
          expect(withoutRepetition(markers)).toEqual(withoutRepetition(expected));
          expect(markers.length).toBeGreaterThanOrEqual(expected.length);
        }
        const ended = decided.map(({ status }) => status === 'PrepareCommit');
        expect(ended.filter(Boolean)).toHaveLength(model.acknowledged.filter(Boolean).length);
      }),
      { numRuns: 150 },
    );
  }, 60_000);
});
