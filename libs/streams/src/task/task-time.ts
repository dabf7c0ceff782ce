/** How far the records of a task have come. Times are Unix milliseconds, or -1 before the first record. */
export class TaskTime {
  #streamTimeMs = -1;
  readonly #partitionTimes = new Map<string, number[]>();

  get streamTimeMs(): number {
    return this.#streamTimeMs;
  }

  partitionTimeMs(topic: string, partition: number): number {
    return this.#partitionTimes.get(topic)?.[partition] ?? -1;
  }

  advance(topic: string, partition: number, timestampMs: number): void {
    const times = this.#partitionTimes.get(topic) ?? [];
    if (times.length === 0) this.#partitionTimes.set(topic, times);
    times[partition] = Math.max(times[partition] ?? -1, timestampMs);
    this.#streamTimeMs = Math.max(this.#streamTimeMs, timestampMs);
  }
}
