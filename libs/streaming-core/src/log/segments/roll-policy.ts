import type { Clock } from '../../runtime/index.ts';
import type { RecordBatch } from '../../records/record-batch.ts';
import type { Segment } from './segment.ts';
import type { TopicSettings } from '../topics/topic-settings.ts';

interface RollPolicyOptions {
  readonly settings: { readonly current: TopicSettings };
  readonly clock: Clock;
  /** From 0 to, and without, 1. */
  readonly random: () => number;
}

const relativeOffsetMax = 2_147_483_647n;

/** When the active segment is left for a new one: for its size, that of its indexes, its range of offsets or its age, by Kafka's rules. */
export class RollPolicy {
  readonly #options: RollPolicyOptions;
  #activeSinceMs = 0n;
  #jitter = 0;

  constructor(options: RollPolicyOptions) {
    this.#options = options;
    this.segmentBegan();
  }

  /** A new segment is the active one, or the log was opened. */
  segmentBegan(): void {
    this.#activeSinceMs = BigInt(this.#options.clock.now());
    this.#jitter = this.#options.random();
  }

  /** Before the batch is appended. */
  isDue(active: Segment, batch: RecordBatch): boolean {
    if (active.sizeBytes === 0) return false;
    if (active.sizeBytes + batch.sizeBytes > this.#options.settings.current.segmentBytes) return true;
    if (active.isIndexFull(this.#options.settings.current.indexBytesMax)) return true;
    if (active.nextOffset + BigInt(batch.lastOffsetDelta) - active.baseOffset > relativeOffsetMax)
      return true;
    return this.#ageWith(active, batch) > this.#ageMax();
  }

  /** By the times of the records when they have any, else by how long the segment has been the active one. */
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
