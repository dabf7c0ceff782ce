import type { Admin, TopicPartition } from '@millrace/streaming-core/client';
import type { Clock, DurationMs, Logger } from '@millrace/streaming-core/runtime';
import { placeName } from './place-name.ts';

interface RepartitionPurgeParts {
  readonly records: Pick<Admin['records'], 'delete'>;
  readonly repartitionTopics: ReadonlySet<string>;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly logger: Logger;
  readonly intervalMs: DurationMs;
}

type Committed = TopicPartition & { readonly offset: bigint };

/**
 * Deletes the records of repartition topics that all tasks have committed, since nothing else reads
 * them and their retention has no limit. A failed purge is repeated with the next one.
 */
export class RepartitionPurge {
  readonly #parts: RepartitionPurgeParts;
  readonly #purged = new Map<string, bigint>();
  #purging: Promise<void> | undefined;
  #purgedAtMs: number;

  constructor(parts: RepartitionPurgeParts) {
    this.#parts = parts;
    this.#purgedAtMs = parts.clock.monotonic();
  }

  /** Begins a purge in the background if one is due. */
  committed(offsets: readonly Committed[]): void {
    const { clock, intervalMs, repartitionTopics } = this.#parts;
    const nowMs = clock.monotonic();
    if (this.#purging !== undefined || nowMs - this.#purgedAtMs < intervalMs) return;
    const unread = offsets.filter(
      (one) => repartitionTopics.has(one.topic) && one.offset > (this.#purged.get(placeName(one)) ?? 0n),
    );
    if (unread.length === 0) return;
    this.#purgedAtMs = nowMs;
    this.#purging = this.#purge(unread).finally(() => (this.#purging = undefined));
  }

  async #purge(before: readonly Committed[]): Promise<void> {
    try {
      await this.#parts.records.delete(before);
      for (const one of before) this.#purged.set(placeName(one), one.offset);
    } catch (error) {
      this.#parts.logger.debug({ err: error }, 'records of repartition topics could not be deleted yet');
    }
  }
}
