import {
  ClientError,
  type GroupOffsets,
  type OffsetToCommit,
  type RecordMetadata,
} from '../../client/index.ts';
import type { Clock, DurationMs, Logger } from '../../runtime/index.ts';
import { RetryLog } from '../../runtime/logger.ts';
import { noteOf, readMark, type PublishedMark } from './published-mark.ts';

export interface PublishedMarksOptions {
  readonly offsets: GroupOffsets;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly name: string;
  readonly delayMs: DurationMs;
}

/**
 * Stores on the broker how far a relay has published, as notes beside the offsets of a group that
 * has no members. A note is written after the delay, and nothing waits for it.
 */
export class PublishedMarks {
  readonly #options: PublishedMarksOptions;
  readonly #retries: RetryLog;
  #unwritten: OffsetToCommit | undefined;
  #cancel: (() => void) | undefined;
  #closed = false;

  constructor(options: PublishedMarksOptions) {
    this.#options = options;
    this.#retries = new RetryLog(options);
  }

  /** `at` is the record of the mark's row. Call this once the cursor has passed that row. */
  note(mark: PublishedMark, { topic, partition, offset }: RecordMetadata): void {
    const next = offset < 0n ? 0n : offset + 1n;
    this.#unwritten = { topic, partition, offset: next, metadata: noteOf(mark) };
    this.#schedule();
  }

  /** Writes the last mark. Never rejects. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#write();
  }

  /**
   * Reads the highest mark of this database. Returns undefined if there is none, or if this client
   * may not read the group, because a relay must not stop when an access rule is missing.
   */
  async highest(storeId: string): Promise<PublishedMark | undefined> {
    const { offsets, logger, name } = this.#options;
    try {
      const marks = (await offsets.committed()).flatMap(({ metadata }) => {
        const mark = readMark(metadata);
        return mark?.storeId === storeId ? [mark] : [];
      });
      return marks.sort((left, right) => Number(right.position - left.position))[0];
    } catch (error) {
      if (!(error instanceof ClientError) || error.code !== 'access_refused') throw error;
      logger.warn(
        { relay: name, reason: error.message },
        'the relay may not read its marks on the broker, so it would not notice a restored database',
      );
      return undefined;
    }
  }

  #schedule(): void {
    if (this.#closed) return;
    const { clock, delayMs } = this.#options;
    this.#cancel ??= clock.after(delayMs, () => void this.#write());
  }

  async #write(): Promise<void> {
    this.#cancel?.();
    this.#cancel = undefined;
    const mark = this.#unwritten;
    this.#unwritten = undefined;
    if (mark === undefined) return;
    const { offsets, name } = this.#options;
    try {
      await offsets.commit([mark]);
      this.#retries.recovered("the relay's mark is on the broker again", { relay: name });
    } catch (error) {
      this.#unwritten ??= mark;
      this.#retries.failed(error, "the relay's mark could not be written to the broker; retrying", {
        relay: name,
      });
      this.#schedule();
    }
  }
}
