import { seconds, type Clock, type Logger } from '../../../runtime/index.ts';
import { RetryLog } from '../../../runtime/logger.ts';
import {
  createPrefixReader,
  type PositionedRow,
  type PrefixReader,
  type SqlDatabase,
} from '../../../postgres/index.ts';
import type { RelayLease } from '../relay-lease.ts';
import type { OutboxConnector } from './outbox-connector.ts';
import { dropUnreadSlots, endOfLog, slotProgress } from './outbox-slot.ts';

/** $1 position, $2 rows. */
const positionsAfter =
  'SELECT position, id, topic FROM outbox WHERE position > $1 ORDER BY position LIMIT $2';

/** The rows by which the cursor moves in one step, each of about 100 bytes in memory. */
const rowsMax = 20_000;
const checkEveryMs = seconds(10);
const retryEveryMs = seconds(1);

/** The last row that the connector has published. */
export type LastRow = PositionedRow & { readonly id: string; readonly topic: string };

interface Progress {
  readonly active: boolean;
  readonly lost: boolean;
  readonly passed: boolean;
}

export interface FollowerOptions {
  readonly database: SqlDatabase;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly connector: OutboxConnector;
  readonly slot: string;
}

/**
 * Advances the relay's cursor behind the connector, because alarms, metrics, retention and the
 * hand-over back depend on it.
 */
export class ConnectorFollower {
  readonly #options: FollowerOptions;
  readonly #reader: PrefixReader<LastRow>;
  readonly #retries: RetryLog;
  /** Rows that are published once the connector has read the write-ahead log up to here. */
  #awaited: { readonly last: LastRow; readonly lsn: string } | undefined;
  #checkAt = -Infinity;
  failure: Error | undefined;

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.#retries = new RetryLog({ ...options, level: 'error' });
    this.#reader = createPrefixReader({ database: options.database, statement: positionsAfter });
  }

  /**
   * Resolves to the last row after the cursor up to which everything is published, if the connector
   * has advanced. Rejects if the slot or the lease is lost.
   */
  async published(lease: RelayLease): Promise<LastRow | undefined> {
    this.#awaited ??= await this.#look(lease.position);
    const { lost, passed } = await this.#progress(this.#awaited?.lsn ?? null);
    if (lost) throw new Error(`the replication slot "${this.#options.slot}" of the outbox is lost`);
    await this.#checkSometimes(lease);
    if (!passed) return undefined;
    const last = this.#awaited?.last;
    this.#awaited = undefined;
    return last;
  }

  /** The place in the write-ahead log is read after the rows, so their commits lie before it. */
  async #look(position: bigint) {
    const last = (await this.#reader.read(position, rowsMax)).at(-1);
    if (last === undefined) return undefined;
    const { rows } = await this.#options.database.query<{ lsn: string }>(endOfLog);
    return { last, lsn: rows[0]!.lsn };
  }

  async #progress(lsn: string | null): Promise<Progress> {
    const { database, slot } = this.#options;
    const { rows } = await database.query<{ active: boolean; lost: boolean; passed: boolean }>(slotProgress, [
      slot,
      lsn,
    ]);
    return rows[0] ?? { active: false, lost: true, passed: false };
  }

  async #checkSometimes(lease: RelayLease): Promise<void> {
    const { clock, connector, database, slot } = this.#options;
    if (clock.monotonic() < this.#checkAt) return;
    this.#checkAt = clock.monotonic() + checkEveryMs;
    lease.assertHeld();
    try {
      await connector.provide(slot);
      await dropUnreadSlots(database, lease, slot);
      this.failure = undefined;
      this.#retries.recovered('the connector publishes the outbox again');
    } catch (error) {
      this.failure = error as Error;
      this.#checkAt = clock.monotonic() + retryEveryMs;
      this.#retries.failed(error, 'the connector does not publish the outbox; retrying');
    }
  }
}
