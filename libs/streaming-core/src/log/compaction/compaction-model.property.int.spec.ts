import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { fc } from '@millrace/testing/random';
import { createLogManager } from '../log-manager.ts';
import type { SegmentedPartitionLog } from '../partition-log.ts';
import { encodeBatch } from '../../records/record-batch-encoder.ts';
import { readCommitted } from './committed-reader.fixture.ts';
import { CompactedLogModel, type Promises } from './compacted-log-model.fixture.ts';
import { RecordBatch } from '../../records/record-batch.ts';

const startMs = 1_700_000_000_000;
const producers = [0, 1, 2];

const everyRecord = fc.tuple(fc.nat({ max: 39 }), fc.boolean());
const everyStep = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('append' as const), records: fc.array(everyRecord, { minLength: 1, maxLength: 8 }) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('transact' as const), producer: fc.constantFrom(...producers), records: fc.array(everyRecord, { minLength: 1, maxLength: 3 }) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('finish' as const), producer: fc.constantFrom(...producers), fate: fc.constantFrom('committed' as const, 'aborted' as const) }) },
  { weight: 5, arbitrary: fc.constant({ do: 'compact' as const }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(400, 700, 3_000) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('reopen' as const), after: fc.constantFrom('close' as const, 'crash' as const, 'loss' as const) }) },
); // prettier-ignore
/**
 * With 40 keys, a segment can have more keys than the smallest memory, so that a round ends within
 * a segment.
 */
const everyLog = fc.record({
  keys: fc.constantFrom(6, 40),
  segmentBytes: fc.constantFrom(500, 1_500),
  lagMs: fc.constantFrom(0, 1_000),
  deleteRetentionMs: fc.constantFrom(0, 2_000),
  dirtyRatio: fc.constantFrom('0', '0.5'),
  keyBytes: fc.constantFrom(400, 1 << 20),
});

type Step = typeof everyStep extends fc.Arbitrary<infer One> ? One : never;
type LogUnderTest = typeof everyLog extends fc.Arbitrary<infer One> ? One : never;

/** A log and its model, with a common clock. */
class CompactedLog {
  readonly #folder = mkdtempSync(join(tmpdir(), 'millrace-compaction-'));
  readonly #model = new CompactedLogModel();
  readonly #sequences = producers.map(() => 0);
  readonly #options: LogUnderTest;
  readonly #promises: Promises;
  #nowMs = startMs;
  #manager: Awaited<ReturnType<typeof createLogManager>> | undefined;

  constructor(options: LogUnderTest) {
    this.#options = options;
    this.#promises = options;
  }

  async open(): Promise<void> {
    const clock = {
      now: () => this.#nowMs,
      monotonic: () => performance.now(),
      after: () => () => undefined,
    };
    const { keyBytes, lagMs, deleteRetentionMs, dirtyRatio, segmentBytes } = this.#options;
    this.#manager = await createLogManager({
      dataFolder: this.#folder,
      clock,
      flush: 'none',
      cleanerDedupeBufferBytes: keyBytes,
    });
    if (this.#manager.topic('orders') !== undefined) return;
    const configs = { 'cleanup.policy': 'compact', 'segment.bytes': `${segmentBytes}`, 'min.cleanable.dirty.ratio': dirtyRatio, 'min.compaction.lag.ms': `${lagMs}`, 'delete.retention.ms': `${deleteRetentionMs}` }; // prettier-ignore
    await this.#manager.createTopic({
      name: 'orders',
      partitions: 1,
      configs: new Map(Object.entries(configs)),
    });
  }

  get #log(): SegmentedPartitionLog {
    return this.#manager!.partition('orders', 0) as SegmentedPartitionLog;
  }

  async step(step: Step): Promise<void> {
    switch (step.do) {
      case 'append':
        return this.#append(step.records);
      case 'transact':
        return this.#append(step.records, step.producer);
      case 'finish': {
        if (!this.#model.isOpen(step.producer)) return;
        const marker = {
          producerId: BigInt(step.producer),
          producerEpoch: 0,
          coordinatorEpoch: 0,
          committed: step.fate === 'committed',
        };
        this.#log.appendMarker(marker);
        return this.#model.finish(step.producer, step.fate);
      }
      case 'compact':
        return this.#log.compact();
      case 'wait':
        this.#nowMs += step.ms;
        return;
      case 'reopen':
        return this.#reopen(step.after);
    }
  }

  #append(records: ReadonlyArray<readonly [key: number, deletes: boolean]>, producer?: number): void {
    const pairs = records.map(
      ([key, deletes], place) =>
        [`k${key % this.#options.keys}`, deletes ? null : `v${this.#model.end + place}`] as const,
    );
    const encoded = pairs.map(([key, value]) => ({
      key: Buffer.from(key),
      value: value === null ? null : Buffer.from(value),
    }));
    const transaction = producer === undefined ? {} : { producerId: BigInt(producer), producerEpoch: 0, baseSequence: this.#sequences[producer]!, transactional: true }; // prettier-ignore
    this.#log.append(
      new RecordBatch(encodeBatch(encoded, { timestampMs: BigInt(this.#nowMs), ...transaction })),
      {
        inTransaction: true,
      },
    );
    if (producer !== undefined) this.#sequences[producer]! += pairs.length;
    this.#model.append(pairs, this.#nowMs, producer);
  }

  /** `loss` also deletes every file that a start can rebuild from the log. */
  async #reopen(after: 'close' | 'crash' | 'loss'): Promise<void> {
    await this.#manager!.close();
    if (after !== 'close') rmSync(join(this.#folder, '.kafka_cleanshutdown'));
    const folder = join(this.#folder, 'orders-0');
    const aids =
      after === 'loss'
        ? readdirSync(folder).filter((name) => /\.(index|timeindex|gaps|snapshot)$|epoch/.test(name))
        : [];
    for (const name of aids) rmSync(join(folder, name));
    await this.open();
  }

  problems(): readonly string[] {
    const active = readdirSync(join(this.#folder, 'orders-0')).filter((name) => name.endsWith('.log')).sort().at(-1)!; // prettier-ignore
    const end =
      Number(this.#log.logEndOffset) === this.#model.end
        ? []
        : [`the log ends at ${this.#log.logEndOffset}, not ${this.#model.end}`];
    const found = { activeBase: Number(active.slice(0, 20)), nowMs: this.#nowMs, promises: this.#promises };
    return [...end, ...this.#model.problems(readCommitted(this.#log), found)];
  }

  async remove(): Promise<void> {
    await this.#manager?.close();
    rmSync(this.#folder, { recursive: true });
  }
}

describe('a compacted log with transactions and tombstones', () => {
  it('L20 shows read_committed readers what its model says, whatever happens to it', async () => {
    await fc.assert(
      fc.asyncProperty(
        everyLog,
        fc.array(everyStep, { minLength: 20, maxLength: 90 }),
        async (options, steps) => {
          const log = new CompactedLog(options);
          try {
            await log.open();
            for (const [place, step] of steps.entries()) {
              await log.step(step);
              expect({ place, problems: log.problems() }).toEqual({ place, problems: [] });
            }
          } finally {
            await log.remove();
          }
        },
      ),
      { numRuns: 12, interruptAfterTimeLimit: 100_000, markInterruptAsFailure: true },
    );
  });
});
