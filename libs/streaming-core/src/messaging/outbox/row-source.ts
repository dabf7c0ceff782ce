import type { Clock } from '../../runtime/index.ts';
import { Doorbell, Pace } from '../../runtime/polling.ts';
import { createPrefixReader, type Hole, type PrefixReader, type SqlDatabase } from '../../postgres/index.ts';
import type { RelayLimits } from './relay-limits.ts';
import type { StoredOutboxRow } from './outbox-row.ts';
import { outboxAfter } from './relay.sql.ts';

const bytesOf = ({ payload }: StoredOutboxRow): number => Buffer.byteLength(payload ?? '');

export interface RowSourceOptions {
  readonly database: SqlDatabase;
  readonly clock: Clock;
  readonly limits: RelayLimits;
}

/**
 * Provides the rows that a relay publishes next. Rows that its own process has committed come from
 * memory if they follow the cursor without a gap, because no other row can come before them. All
 * other rows are read from the table.
 */
export class RowSource {
  readonly #limits: RelayLimits;
  readonly #reader: PrefixReader<StoredOutboxRow>;
  readonly #doorbell: Doorbell;
  #pace: Pace;
  readonly #committed = new Map<bigint, StoredOutboxRow>();
  #committedBytes = 0;
  /** True if the table may have rows that are not in memory. */
  #toRead = true;
  #hinted = false;
  #readAll = true;

  constructor({ database, clock, limits }: RowSourceOptions) {
    this.#limits = limits;
    this.#reader = createPrefixReader({ database, statement: outboxAfter });
    this.#doorbell = new Doorbell(clock);
    this.#pace = this.#newPace();
  }

  /** Call this when the relay has taken the lease: other relays may have moved the cursor. */
  begin(): void {
    this.#forget();
    this.#toRead = true;
    this.#pace = this.#newPace();
  }

  /** Takes rows that this process has just committed. Rows over the limits are read instead. */
  take(rows: readonly StoredOutboxRow[]): void {
    const bytes = rows.reduce((sum, row) => sum + bytesOf(row), 0);
    const { batchRowsMax, batchBytesMax } = this.#limits;
    if (this.#committed.size + rows.length > batchRowsMax || this.#committedBytes + bytes > batchBytesMax) {
      this.#forget();
      return this.notify();
    }
    for (const row of rows) this.#committed.set(BigInt(row.position), row);
    this.#committedBytes += bytes;
    this.#doorbell.ring();
  }

  /** Makes the relay read the table at once. */
  notify(): void {
    this.#toRead = true;
    this.#doorbell.ring();
  }

  /** Returns the next rows after the position, if there are any. */
  async after(position: bigint): Promise<readonly StoredOutboxRow[]> {
    const following = this.#following(position);
    if (following.length > 0) return following;
    // The last read has already found the rows for which the bell was rung.
    if (this.#hinted && !this.#toRead && this.#committed.size === 0) return [];
    const { batchRowsMax, batchBytesMax } = this.#limits;
    this.#toRead = false;
    const rows = await this.#reader.read(position, batchRowsMax, batchBytesMax);
    this.#pace.looked({ found: rows.length > 0, hinted: this.#hinted });
    this.#readAll = rows.length < batchRowsMax;
    return rows;
  }

  /** Waits until there may be rows. */
  async pause(): Promise<void> {
    if (!this.#readAll || this.#toRead) {
      this.#hinted = this.#readAll;
      this.#readAll = true;
      return this.#doorbell.silence();
    }
    // A hole in the positions is checked again soon.
    const pauseMs = this.#reader.waiting ? this.#limits.pollDelayMsMin : this.#pace.pauseMs;
    this.#hinted = await this.#doorbell.sleep(pauseMs);
  }

  /** True if the last read ended at a hole, behind which there are more rows. */
  get waiting(): boolean {
    return this.#reader.waiting;
  }

  hole(): Promise<Hole | undefined> {
    return this.#reader.hole();
  }

  #following(position: bigint): readonly StoredOutboxRow[] {
    for (const [at, row] of this.#committed) if (at <= position) this.#drop(at, row);
    const rows: StoredOutboxRow[] = [];
    for (let row = this.#committed.get(position + 1n); row !== undefined;) {
      rows.push(row);
      row = this.#committed.get(position + BigInt(rows.length) + 1n);
    }
    return rows;
  }

  #drop(position: bigint, row: StoredOutboxRow): void {
    this.#committed.delete(position);
    this.#committedBytes -= bytesOf(row);
  }

  #forget(): void {
    this.#committed.clear();
    this.#committedBytes = 0;
  }

  #newPace(): Pace {
    return new Pace(this.#limits.pollDelayMsMin, this.#limits.pollDelayMsMax);
  }
}
