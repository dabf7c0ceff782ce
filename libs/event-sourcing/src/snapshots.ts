import {
  setNewest,
  createPolling,
  days,
  type Clock,
  type DurationMs,
  type Finding,
  type Logger,
  type Polling,
} from '@millrace/streaming-core/runtime';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import type { StateSchema, VersionedState } from './decider.ts';
import { dueSnapshotsMax, keptVersionsMax } from './limits.ts';

/**
 * Takes a snapshot of a stream at a version that the stream has. There is at most one for every $7
 * events, however many processes try: the second process waits for the row, sees the version of the
 * first one and writes nothing. A snapshot that does not fit is replaced at any version. A snapshot
 * of another schema stays until it is older than $6, for a release that runs alongside this one or
 * is rolled back to.
 */
const TAKE_SNAPSHOT = `
  WITH of_other_schemas AS (
    DELETE FROM stream_snapshot WHERE stream = $1 AND schema_hash <> $2 AND taken_at < $6::timestamptz
  )
  INSERT INTO stream_snapshot AS kept (stream, schema_hash, version, last_event, state, taken_at)
  SELECT stream, $2, version, id, $4::json, $5::timestamptz
  FROM event
  WHERE stream = $1 AND version = $3::bigint
  ON CONFLICT (stream, schema_hash) DO UPDATE
  SET version = excluded.version, last_event = excluded.last_event, state = excluded.state, taken_at = excluded.taken_at
  WHERE kept.version + $7::bigint <= excluded.version
     OR NOT EXISTS (SELECT FROM event
                    WHERE event.stream = kept.stream AND event.version = kept.version AND event.id = kept.last_event)`;

const DROP_SNAPSHOT = `
  DELETE FROM stream_snapshot WHERE stream = $1 AND schema_hash = $2 AND version = $3::bigint`;

export interface SnapshotSettings {
  /** The number of events after which a stream gets a new snapshot. With 0, none are taken. */
  readonly everyEvents: number;
}

/** A new snapshot after every 1,000 events of a stream. */
export const defaultSnapshotSettings: SnapshotSettings = Object.freeze({ everyEvents: 1_000 });

interface DueSnapshot {
  readonly kind: 'take';
  readonly stream: string;
  readonly schema: StateSchema<unknown>;
  readonly committed: VersionedState<unknown>;
}

/** A snapshot that cannot be used and is to be deleted. */
interface UselessSnapshot {
  readonly kind: 'drop';
  readonly stream: string;
  readonly schema: StateSchema<unknown>;
  readonly version: bigint;
  readonly reason: string;
}

/**
 * Collects the work that loads notice and leave to the background: streams that have grown by
 * enough events since their last snapshot, and snapshots that cannot be used. The work is kept in
 * memory only. For each stream, only the latest state is kept.
 */
export class DueSnapshots {
  readonly everyEvents: bigint;
  readonly #waiting = new Map<string, DueSnapshot | UselessSnapshot>();
  /** The version of the last snapshot that this process knows of, by schema and stream. */
  readonly #lastVersions = new Map<string, bigint>();
  #listener = () => {};

  constructor({ everyEvents }: SnapshotSettings) {
    this.everyEvents = BigInt(everyEvents);
  }

  /** Calls the listener whenever there is something to do. */
  onDue(listener: () => void): void {
    this.#listener = listener;
  }

  /** Records a load. The state must be a fold of committed events only. */
  loaded(schema: StateSchema<unknown>, stream: string, committed: VersionedState<unknown>): void {
    if (this.everyEvents === 0n || committed.version < this.everyEvents) return;
    const lastVersion = this.#lastVersions.get(keyOf(schema, stream)) ?? 0n;
    if (committed.version - lastVersion >= this.everyEvents)
      this.#add({ kind: 'take', stream, schema, committed });
  }

  found(schema: StateSchema<unknown>, stream: string, version: bigint): void {
    this.#note(keyOf(schema, stream), version);
  }

  useless(snapshot: Omit<UselessSnapshot, 'kind'>): void {
    this.#add({ kind: 'drop', ...snapshot });
  }

  /**
   * Returns the work that has waited longest. Whether or not its snapshot is then taken, the stream
   * is due again only after `everyEvents` further events.
   */
  next(): DueSnapshot | UselessSnapshot | undefined {
    const [first] = this.#waiting;
    if (first === undefined) return undefined;
    const [key, work] = first;
    this.#waiting.delete(key);
    if (work.kind === 'take') this.#note(keyOf(work.schema, work.stream), work.committed.version);
    return work;
  }

  #add(work: DueSnapshot | UselessSnapshot): void {
    const key = `${work.kind} ${keyOf(work.schema, work.stream)}`;
    if (!this.#waiting.has(key) && this.#waiting.size >= dueSnapshotsMax) return;
    this.#waiting.set(key, work);
    this.#listener();
  }

  #note(key: string, version: bigint): void {
    setNewest(this.#lastVersions, key, version, keptVersionsMax);
  }
}

const keyOf = (schema: StateSchema<unknown>, stream: string): string => `${schema.hash} ${stream}`;

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
