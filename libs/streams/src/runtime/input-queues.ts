import type { BufferedRecord, PartitionQueue, StampedRecord } from './partition-queue.ts';

/** The value of `maxTaskIdleMs` that never waits for an empty partition. */
const neverIdle = -1;

/**
 * The queues of one task. They choose the partition whose next record has the lowest time, as Kafka
 * Streams does, and say when a task may process although a partition is empty (KIP-695), by
 * `maxTaskIdleMs`:
 *
 * - -1: at once.
 * - 0: as soon as the partition was read to the end that the broker last reported.
 * - above 0: once it has stayed empty for this time after that.
 */
export class InputQueues<Raw extends BufferedRecord, Stamped extends StampedRecord> {
  readonly #queues: ReadonlyMap<string, PartitionQueue<Raw, Stamped>>;
  /** The same queues as an array, because looping over one is faster for every record. */
  readonly #list: ReadonlyArray<PartitionQueue<Raw, Stamped>>;
  readonly #maxTaskIdleMs: number;
  readonly #lags = new Map<string, bigint>();
  readonly #deadlines = new Map<string, number>();

  /**
   * The keys of `queues` are the names of partitions. Of two records with equal times, that of the
   * earlier queue is served first.
   */
  constructor(queues: ReadonlyMap<string, PartitionQueue<Raw, Stamped>>, maxTaskIdleMs: number) {
    this.#queues = queues;
    this.#list = [...queues.values()];
    this.#maxTaskIdleMs = maxTaskIdleMs;
  }

  get queues(): ReadonlyMap<string, PartitionQueue<Raw, Stamped>> {
    return this.#queues;
  }

  /**
   * Sets the number of records that the broker has beyond the fetched ones. It is negative if the
   * fetch position is already beyond the end that counts.
   */
  setLag(partition: string, lag: bigint): void {
    this.#lags.set(partition, lag);
  }

  /**
   * Returns whether the task may process. Call it in every round of the loop, because the wait for
   * a partition begins here.
   */
  isReady(nowMs: number): boolean {
    const filled = this.#filled;
    if (filled === this.#list.length) {
      if (this.#deadlines.size > 0) this.#deadlines.clear();
      return filled > 0;
    }
    if (this.#maxTaskIdleMs === neverIdle) return filled > 0;
    for (const [name, { headTimeMs }] of this.#queues)
      if (headTimeMs !== undefined) this.#deadlines.delete(name);
      else if (!this.#hasWaited(name, nowMs)) return false;
    return filled > 0;
  }

  /** The queue with the lowest time at its head, or undefined if all are empty. */
  next(): PartitionQueue<Raw, Stamped> | undefined {
    let chosen: PartitionQueue<Raw, Stamped> | undefined;
    for (const queue of this.#list) {
      if (queue.headTimeMs === undefined) continue;
      if (chosen === undefined || queue.headTimeMs < chosen.headTimeMs!) chosen = queue;
    }
    return chosen;
  }

  get #filled(): number {
    let filled = 0;
    for (const { headTimeMs } of this.#list) if (headTimeMs !== undefined) filled += 1;
    return filled;
  }

  #hasWaited(partition: string, nowMs: number): boolean {
    const lag = this.#lags.get(partition);
    if (lag === undefined || lag > 0n) {
      this.#deadlines.delete(partition);
      return false;
    }
    const deadlineMs = this.#deadlines.get(partition) ?? nowMs + this.#maxTaskIdleMs;
    this.#deadlines.set(partition, deadlineMs);
    return nowMs >= deadlineMs;
  }
}
