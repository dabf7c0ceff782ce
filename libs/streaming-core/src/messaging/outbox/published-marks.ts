import { z } from 'zod';
import {
  ClientError,
  type GroupOffsets,
  type OffsetToCommit,
  type RecordMetadata,
} from '../../client/index.ts';
import type { Clock, DurationMs, Logger } from '../../runtime/index.ts';
import { RetryLog } from '../../runtime/logger.ts';
import { readNote, renameStore, runbook } from './commit-note.ts';
import type { SqlDatabase } from '../../postgres/index.ts';
import { OutboxError } from './outbox-row.ts';
import { outboxRow } from './relay.sql.ts';

/**
 * How far the outbox of a database has been published: the id of the database, and its last
 * published row.
 */
export interface PublishedMark {
  readonly storeId: string;
  readonly position: bigint;
  readonly messageId: string;
}

const noteSchema = z.object({ store: z.string(), position: z.string().regex(/^\d+$/), id: z.string() });

/** Encodes a mark as the text that the broker stores. */
export const noteOf = ({ storeId, position, messageId }: PublishedMark): string =>
  JSON.stringify({ store: storeId, position: String(position), id: messageId } satisfies z.infer<
    typeof noteSchema
  >);

/**
 * Returns true if a relay has stored the offset as its mark. No reader has got that far, so tools
 * show no lag for it.
 */
export const isPublishedMark = (note: string | null): boolean => readMark(note) !== undefined;

/** Returns undefined for a text that is not a mark. */
export function readMark(text: string | null): PublishedMark | undefined {
  const note = readNote(noteSchema, text);
  return note && { storeId: note.store, position: BigInt(note.position), messageId: note.id };
}

interface PublishedMarksOptions {
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

/**
 * Rejects with `cursor_refused` when this database has published a row that it no longer has. A
 * cursor behind the mark is not enough evidence: a crash may set it back, since its commit does not
 * wait for the disk. The row itself was on disk before it was published, and stays until the cursor
 * passes it.
 */
export async function refuseOlderDatabase(
  database: SqlDatabase,
  cursor: { readonly name: string; readonly position: bigint },
  mark: PublishedMark | undefined,
): Promise<void> {
  if (mark === undefined || mark.position <= cursor.position) return;
  const { rowCount } = await database.query(outboxRow, [String(mark.position), mark.messageId]);
  if (rowCount > 0) return;
  throw new OutboxError(
    'cursor_refused',
    `relay "${cursor.name}" of this database has already published up to position ${mark.position} ` +
      `(message ${mark.messageId}), which the outbox does not have, ` +
      `and its cursor is at ${cursor.position}: ` +
      'the database was restored from a backup that is older than the log, ' +
      `or somebody set the cursor back. First read ${runbook}. ` +
      `To publish from ${cursor.position} on: ${renameStore}`,
  );
}
