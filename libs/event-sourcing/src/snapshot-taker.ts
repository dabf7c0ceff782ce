import {
  createPolling,
  days,
  type Clock,
  type DurationMs,
  type Finding,
  type Logger,
  type Polling,
} from '@millrace/streaming-core/runtime';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import type { DueSnapshot, DueSnapshots, UselessSnapshot } from './due-snapshots.ts';
import { DROP_SNAPSHOT, TAKE_SNAPSHOT } from './postgres/snapshot.sql.ts';

export interface SnapshotTakerOptions {
  readonly database: SqlDatabase;
  /** The due snapshots of the event store (`store.snapshots.due`). */
  readonly due: DueSnapshots;
  readonly clock: Clock;
  readonly logger: Logger;
  /**
   * The minimum time for which a snapshot of another schema is kept. It must be longer than two
   * releases run side by side.
   */
  readonly otherSchemasKeptMs?: DurationMs;
}

/**
 * Takes the snapshots that loads have found due, and deletes those that cannot be used. It sends
 * one short statement at a time, each in its own transaction. It locks no stream, so no decision
 * waits for it. A failure is logged. A snapshot that could not be taken is due again after as many
 * further events.
 */
export function createSnapshotTaker(options: SnapshotTakerOptions): Polling {
  const { due, clock, logger } = options;
  const polling = createPolling(snapshotWork(options), {
    clock,
    logger,
    name: 'snapshots',
  });
  due.onDue(() => polling.notify());
  return polling;
}

/** Does the piece of work that has waited longest. Never rejects. */
export function snapshotWork({
  database,
  due,
  clock,
  logger,
  otherSchemasKeptMs = days(1),
}: SnapshotTakerOptions): () => Promise<Finding> {
  return async () => {
    const work = due.next();
    if (work === undefined) return 'nothing until notified';
    try {
      await (work.kind === 'take' ? take(work) : drop(work));
    } catch (err) {
      logger.warn({ err, stream: work.stream }, `a snapshot could not be ${ended[work.kind]}`);
    }
    return 'more';
  };

  async function take({ stream, schema, committed: { state, version } }: DueSnapshot): Promise<void> {
    const now = clock.now();
    const values = [
      stream,
      schema.hash,
      String(version),
      schema.toJson(state),
      new Date(now),
      new Date(now - otherSchemasKeptMs),
      String(due.everyEvents),
    ];
    const { rowCount } = await database.query(TAKE_SNAPSHOT, values);
    if (rowCount > 0) logger.debug({ stream, version: String(version) }, 'snapshot taken');
  }

  async function drop({ stream, schema, version, reason }: UselessSnapshot): Promise<void> {
    await database.query(DROP_SNAPSHOT, [stream, schema.hash, String(version)]);
    logger.warn(
      { stream, version: String(version), reason },
      'a snapshot could not be used and has been deleted',
    );
  }
}

const ended = { take: 'taken', drop: 'deleted' } as const;
