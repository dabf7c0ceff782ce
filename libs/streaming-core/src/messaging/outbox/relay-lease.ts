import type { Clock, DurationMs, Logger } from '../../runtime/index.ts';
import type { SqlDatabase } from '../../postgres/index.ts';
import { OutboxError } from './outbox-row.ts';
import {
  advanceCursor,
  cursorAndStore,
  declareDelivery,
  releaseLease,
  renewLease,
  takeLease,
  newerLeaseOfHolder,
} from './relay.sql.ts';

/**
 * How often a row may appear on the log:
 * - `at-least-once`: after a crash or a hand-over, the last batch may appear twice.
 * - `exactly-once`: a reader with `read_committed` sees every row once.
 */
export const deliveries = ['at-least-once', 'exactly-once'] as const;

export type Delivery = (typeof deliveries)[number];

/** How the rows after a cursor are published: by a relay, or by a connector. */
type PublishedBy = Delivery | 'connector';

interface LeaseOptions {
  readonly database: SqlDatabase;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly name: string;
  readonly holder: string;
  readonly leaseMs: DurationMs;
  readonly renewEveryMs: DurationMs;
  /** The epoch of this relay's last lease, or undefined at its start. */
  readonly lastEpoch?: string;
}

type LeaseRow = {
  readonly position: string;
  readonly epoch: string;
  readonly incarnation: string;
  readonly delivery: PublishedBy;
  readonly connector_slot: string | null;
};

/**
 * The right to publish, as recorded in the row. The lease ends earlier by the local clock than in
 * the database, because the local time is taken before each statement.
 */
export class RelayLease {
  readonly epoch: string;
  readonly #options: LeaseOptions;
  readonly #lost = new AbortController();
  #position: bigint;
  #storeId: string;
  #delivery: PublishedBy;
  #slot: string | undefined;
  #renewedAt: number;
  #cancelRenewal: () => void;

  private constructor(options: LeaseOptions, row: LeaseRow, renewedAt: number) {
    this.#options = options;
    this.#storeId = row.incarnation;
    this.#delivery = row.delivery;
    this.#slot = row.connector_slot ?? undefined;
    this.#position = BigInt(row.position);
    this.epoch = row.epoch;
    this.#renewedAt = renewedAt;
    this.#cancelRenewal = this.#scheduleRenewal();
  }

  /**
   * Resolves to undefined while another relay holds the lease. Rejects with `cursor_refused` if the
   * cursor cannot belong to this store.
   */
  static async take(options: LeaseOptions): Promise<RelayLease | undefined> {
    const { database, clock, name, holder, leaseMs, lastEpoch = null } = options;
    await refuseForeignCursor(database, name);
    const renewedAt = clock.monotonic();
    const { rows } = await database.query<LeaseRow>(takeLease, [name, holder, leaseMs, lastEpoch]);
    return rows[0] === undefined ? undefined : new RelayLease(options, rows[0], renewedAt);
  }

  /** The last position that is recorded as published. */
  get position(): bigint {
    return this.#position;
  }

  /** The id of the database at the last statement that read or moved the position. */
  get storeId(): string {
    return this.#storeId;
  }

  /** How rows after the position may have been published. */
  get delivery(): PublishedBy {
    return this.#delivery;
  }

  /** The slot from which the connector publishes, if one does. */
  get slot(): string | undefined {
    return this.#slot;
  }

  get held(): boolean {
    return (
      !this.#lost.signal.aborted && this.#options.clock.monotonic() < this.#renewedAt + this.#options.leaseMs
    );
  }

  /** Aborts when the lease is lost. */
  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  /**
   * Records that the log has acknowledged everything up to `position`. Rejects with `lease_lost` if
   * the relay is fenced.
   */
  async advance(position: bigint): Promise<void> {
    const [moved] = await this.#update(advanceCursor, [String(this.#position), String(position)]);
    this.#position = position;
    this.#storeId = moved?.incarnation ?? this.#storeId;
  }

  /**
   * Records how the following rows are published, on disk before it resolves. Rejects with
   * `lease_lost` if the relay is fenced.
   */
  async declare(delivery: Delivery): Promise<void> {
    await this.#declare(delivery);
  }

  /** As `declare`: a connector publishes the following rows, from this slot and no other. */
  async declareConnector(slot: string): Promise<void> {
    await this.#declare('connector', slot);
  }

  /**
   * Throws `lease_lost` once another relay may publish. A statement that no epoch fences comes right
   * after this.
   */
  assertHeld(): void {
    if (!this.held) throw this.#lose();
  }

  /** Gives the lease back, so that a successor does not have to wait for its end. */
  async release(): Promise<void> {
    this.abandon();
    await this.#options.database.query(releaseLease, [this.#options.name, this.epoch]);
  }

  /** Stops renewing the lease, which then expires by itself. */
  abandon(): void {
    this.#cancelRenewal();
    this.#lost.abort();
  }

  async #update(statement: string, values: readonly unknown[] = []) {
    const { database, clock, name, leaseMs } = this.#options;
    const startedAt = clock.monotonic();
    const { rows, rowCount } = await database.query<{ incarnation?: string }>(statement, [
      name,
      this.epoch,
      leaseMs,
      ...values,
    ]);
    if (rowCount === 0) throw this.#lose();
    this.#renewedAt = startedAt;
    return rows;
  }

  async #declare(delivery: PublishedBy, slot?: string): Promise<void> {
    await this.#update(declareDelivery, [delivery, slot ?? null]);
    this.#delivery = delivery;
    this.#slot = slot;
  }

  #lose(): OutboxError {
    this.abandon();
    const { holder } = this.#options;
    return new OutboxError('lease_lost', `relay ${holder} lost its lease, and another relay publishes now`);
  }

  #scheduleRenewal(): () => void {
    return this.#options.clock.after(this.#options.renewEveryMs, () => void this.#renew());
  }

  async #renew(): Promise<void> {
    const { clock, logger, holder, renewEveryMs } = this.#options;
    if (this.#lost.signal.aborted) return;
    if (!this.held) return this.abandon();
    try {
      if (clock.monotonic() - this.#renewedAt >= renewEveryMs / 2) await this.#update(renewLease);
    } catch (error) {
      logger.warn({ err: error, holder }, 'the relay could not renew its lease');
    }
    if (!this.#lost.signal.aborted) this.#cancelRenewal = this.#scheduleRenewal();
  }
}

async function refuseForeignCursor(database: SqlDatabase, name: string): Promise<void> {
  const { rows } = await database.query<{ position: string; same_store: boolean; last_position: string }>(
    cursorAndStore,
    [name],
  );
  const [cursor] = rows;
  if (cursor === undefined) throw refused(name, 'relay_cursor has no row for it; run the migrations');
  if (!cursor.same_store)
    throw refused(
      name,
      'it belongs to another incarnation of this database; compare the log with the outbox, ' +
        'then set incarnation and position',
    );
  if (BigInt(cursor.position) > BigInt(cursor.last_position))
    throw refused(
      name,
      `it is at ${cursor.position}, beyond the last position of the outbox, ${cursor.last_position}: ` +
        'an older copy of the outbox was restored; compare it with the log, then set the position',
    );
}

const refused = (name: string, why: string) =>
  new OutboxError('cursor_refused', `the cursor of relay "${name}" is refused: ${why}`);

interface HolderWatchOptions {
  readonly database: SqlDatabase;
  readonly name: string;
  readonly holder: string;
}

/**
 * Detects another living relay with the same holder name that has taken the lease. Without it,
 * the two would take the lease from each other endlessly. A lease that is renewed belongs to a
 * living relay. One that is not renewed may be this relay's own, taken by a statement whose answer
 * was lost.
 */
export class HolderWatch {
  readonly #options: HolderWatchOptions;
  #seen: { readonly epoch: string; readonly until: string } | undefined;

  constructor(options: HolderWatchOptions) {
    this.#options = options;
  }

  /**
   * Call this after the lease could not be taken. Rejects with `holder_taken` once another relay of
   * the same name is known to be alive.
   */
  async refuse(lastEpoch: string): Promise<void> {
    const { database, name, holder } = this.#options;
    const { rows } = await database.query<{ epoch: string; until: string }>(newerLeaseOfHolder, [
      name,
      holder,
      lastEpoch,
    ]);
    const seen = this.#seen;
    const now = rows[0];
    this.#seen = now;
    if (seen !== undefined && now?.epoch === seen.epoch && now.until !== seen.until)
      throw new OutboxError(
        'holder_taken',
        `another process has started relay "${name}" as holder "${holder}", so this one has stopped; ` +
          'give each process its own instance name and restart this one',
      );
  }
}
