import { randomUUID } from 'node:crypto';
import { silentLogger, systemClock } from '../../runtime/index.ts';
import type { Hole } from '../../postgres/index.ts';
import { relayWorker, type RowTaker } from './append.ts';
import { RelayLoop, type RelayOptions } from './relay-loop.ts';
import { relayLimits } from './relay-limits.ts';
import { relayStatus } from './relay.sql.ts';
import { RowSource } from './row-source.ts';

export interface RelayStatus {
  readonly publishing: boolean;
  /** Whether a connector publishes instead, and this relay moves the cursor after it. */
  readonly follows: boolean;
  readonly position: bigint;
  readonly epoch: bigint;
  /** The relay that has the lease now, or null. */
  readonly holder: string | null;
  /** The age of the oldest row after the cursor, or null if there is none. */
  readonly oldestUnpublishedAgeMs: number | null;
  readonly hole?: Hole;
  /**
   * The failure that the relay is retrying, or the reason why it has stopped permanently
   * (`holder_taken`). A relay that stands by has none.
   */
  readonly failure?: Error;
}

export interface Relay extends RowTaker {
  /** The name by which transactions wake it (`wakeAfterCommit`). */
  readonly worker: string;
  /** Begins to compete for the lease and returns at once. */
  start(): void;
  /** Finishes the batch in flight and gives the lease back. Idempotent. */
  stop(): Promise<void>;
  /** Call this after a commit that wrote to the outbox. It makes the relay look at once. */
  notify(): void;
  status(): Promise<RelayStatus>;
}

/**
 * Creates a relay, which publishes the messages that committed transactions wrote to the outbox. It
 * keeps the order per key, skips no message and publishes none that was rolled back.
 *
 * - A lease in the database lets one relay at a time publish. After a crash or a hand-over the last
 *   batch may appear on the log twice, with the first occurrences in order. With the delivery
 *   `exactly-once`, a reader with `read_committed` sees every row once.
 * - With the option `connector`, a connector may publish instead. The relay hands over to it and
 *   takes over from it without a loss; what is in flight at that moment may appear twice, in order.
 * - Failures of the database or the log are retried without limit. If a topic does not exist, the
 *   following rows wait, and the log and the status name the topic.
 * - It reports on `millrace.relay.published` ({name, rows, position}), `millrace.relay.failed`
 *   ({name, error}) and `tracing:millrace.relay.send` (`SendReport`).
 */
export function createRelay(options: RelayOptions): Relay {
  const { database, name = 'outbox' } = options;
  const clock = options.clock ?? systemClock;
  const logger = options.logger ?? silentLogger;
  const limits = { ...relayLimits, ...options.limits };
  const source = new RowSource({ database, clock, limits });
  const loop = new RelayLoop({ ...options, name, clock, logger, limits, source, newId: randomUUID });
  return {
    worker: relayWorker,
    get inCharge() {
      return loop.publishing && !loop.follows;
    },
    start: () => loop.start(),
    stop: () => loop.stop(),
    notify: () => source.notify(),
    take: (rows) => source.take(rows),
    async status() {
      const { rows } = await database.query<StatusRow>(relayStatus, [name]);
      const row = rows[0] ?? { position: '0', epoch: '0', holder: null, oldest_age_ms: null };
      return {
        publishing: loop.publishing,
        follows: loop.follows,
        position: BigInt(row.position),
        epoch: BigInt(row.epoch),
        holder: row.holder,
        oldestUnpublishedAgeMs: row.oldest_age_ms,
        hole: await source.hole(),
        failure: loop.failure,
      };
    },
  };
}

type StatusRow = { position: string; epoch: string; holder: string | null; oldest_age_ms: number | null };
