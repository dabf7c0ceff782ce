import type { Clock } from '../../runtime/index.ts';
import type { RecordBatch } from '../../records/record-batch.ts';
import type { Segment } from './segment.ts';
import type { TopicSettings } from '../topics/topic-settings.ts';

interface RollPolicyOptions {
  readonly settings: { readonly current: TopicSettings };
  readonly clock: Clock;
  /** Returns a number from 0 up to, but not including, 1. */
  readonly random: () => number;
}

const relativeOffsetMax = 2_147_483_647n;

/**
 * Decides when the active segment is rolled: for its size, its indexes, its range of offsets or its
 * age, by Kafka's rules.
 */
export class RollPolicy {
  readonly #options: RollPolicyOptions;
  #activeSinceMs = 0n;
  #jitter = 0;

  constructor(options: RollPolicyOptions) {
    this.#options = options;
    this.segmentBegan();
  }

  /** Call this when a new segment is active, or the log was opened. */
  segmentBegan(): void {
    this.#activeSinceMs = BigInt(this.#options.clock.now());
    this.#jitter = this.#options.random();
  }

  /** Call this before the batch is appended. */
  isDue(active: Segment, batch: RecordBatch): boolean {
    if (active.sizeBytes === 0) return false;
    if (active.sizeBytes + batch.sizeBytes > this.#options.settings.current.segmentBytes) return true;
    if (active.isIndexFull(this.#options.settings.current.indexBytesMax)) return true;
    if (active.nextOffset + BigInt(batch.lastOffsetDelta) - active.baseOffset > relativeOffsetMax)
      return true;
    return this.#ageWith(active, batch) > this.#ageMax();
  }

  /**
   * Computed from the times of the records if they have any, otherwise the time since the segment
   * became active.
   */
  #ageWith(active: Segment, batch: RecordBatch): bigint {
    const first = active.firstTimestampMs ?? -1n;
    return first >= 0n ? batch.maxTimestamp - first : BigInt(this.#options.clock.now()) - this.#activeSinceMs;
  }

  #ageMax(): bigint {
    const { segmentMs, segmentJitterMs } = this.#options.settings.current;
    const jitterMs = segmentJitterMs < segmentMs ? segmentJitterMs : segmentMs;
    return segmentMs - BigInt(Math.floor(Number(jitterMs) * this.#jitter));
  }
}
