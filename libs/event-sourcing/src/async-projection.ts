import type { Holder } from '@millrace/streaming-core/personal';
import {
  type Clock,
  type DurationMs,
  type Logger,
  createPolling,
  type Finding,
  type Polling,
} from '@millrace/streaming-core/runtime';
import {
  createPrefixReader,
  type Hole,
  type PositionedRow,
  type SqlDatabase,
  type Queryable,
} from '@millrace/streaming-core/postgres';
import { undeclaredEvents, type EventCatalog } from './event-versions.ts';
import {
  ADD_CHECKPOINT,
  MOVE_CHECKPOINT,
  READ_CHECKPOINT,
  READ_EVENTS_AFTER,
  READ_PROGRESS,
} from './postgres/async-projection.sql.ts';
import { presentEvents, toRecordedEvent, type EventRow } from './postgres/stored-event.ts';
import type { AsyncProjection } from './projection.ts';

export interface AsyncProjectionOptions {
  readonly database: SqlDatabase;
  readonly projection: AsyncProjection;
  /** The catalog of the event store, so that the projection gets events in their present version. */
  readonly catalog?: EventCatalog;
  /** The holder of the event store, so that the projection gets opened personal parts. */
  readonly holder?: Holder;
  readonly clock: Clock;
  readonly logger: Logger;
  /**
   * `by itself` adds the checkpoint if there is none; `when begun` waits until somebody else has.
   */
  readonly begins?: 'by itself' | 'when begun';
  /** Called when every event that could be read is in the read model. */
  readonly onCaughtUp?: () => Promise<void>;
  readonly idleMsMax?: DurationMs;
  readonly retryDelayMsMax?: DurationMs;
  /** How long a process waits before its next attempt after it has found another one at work. */
  readonly standbyMs?: DurationMs;
}

export interface RunningProjection extends Polling {
  /** The position up to which every event is in the read model. */
  position(): Promise<bigint>;
  /**
   * The position at which the projection waits for a transaction that may still commit, and the
   * backend that holds that transaction open. Metrics can show both.
   */
  hole(): Promise<Hole | undefined>;
}

type Row = EventRow & PositionedRow & { readonly stream: string };

const batchEventsMax = 500;

/**
 * Follows the store from the projection's checkpoint. It applies every event of its types exactly
 * once, in the order of positions; within a stream this is the order of versions. The read model
 * and the checkpoint commit together. Several processes may run the same projection: one makes
 * progress and the others stand by. A batch that fails is retried for as long as it fails, since
 * skipping an event would falsify the read model.
 */
export function createAsyncProjection(options: AsyncProjectionOptions): RunningProjection {
  const {
    database,
    projection,
    catalog = undeclaredEvents,
    holder,
    clock,
    logger,
    idleMsMax,
    retryDelayMsMax,
    standbyMs = 1_000,
  } = options;
  const { onCaughtUp, begins = 'by itself' } = options;
  const { name, version, eventTypes, batchSizeMax = batchEventsMax } = projection;
  const reader = createPrefixReader<Row>({ database, statement: READ_EVENTS_AFTER });
  const polling = createPolling(step, {
    clock,
    logger,
    name: `projection ${name} v${version}`,
    idleMsMax,
    retryDelayMsMax,
  });
  let known: bigint | undefined;
  let standbyUntil = -Infinity;
  let ahead: { readonly from: bigint; readonly reading: Promise<readonly Row[] | undefined> } | undefined;

  async function step(): Promise<Finding> {
    if (clock.monotonic() < standbyUntil) return 'nothing';
    const from = known ?? (await startingPosition());
    if (from === undefined) return 'nothing';
    known = from;
    const rows = await readFrom(from);
    known = undefined; // only an acknowledged commit tells where the projection is
    const to = BigInt(rows.at(-1)?.position ?? from);
    if (rows.length === batchSizeMax) ahead = { from: to, reading: readAhead(to) };
    if (rows.length === 0 || (await project(rows, from, to))) known = to;
    else standbyUntil = clock.monotonic() + standbyMs;
    if (rows.length === batchSizeMax) return 'more';
    if (known !== undefined && onCaughtUp !== undefined) {
      known = undefined; // the checkpoint may be another one after the call
      await onCaughtUp();
    }
    return rows.length === 0 ? 'nothing' : 'all';
  }

  /** Returns what was read while the batch before was applied, if it follows that batch. */
  async function readFrom(from: bigint): Promise<readonly Row[]> {
    const last = ahead;
    ahead = undefined;
    const read = await last?.reading;
    return last?.from === from && read !== undefined ? read : reader.read(from, eventTypes, batchSizeMax);
  }

  /** Resolves to undefined if it fails; the next batch then reads again. */
  const readAhead = (from: bigint): Promise<readonly Row[] | undefined> =>
    reader.read(from, eventTypes, batchSizeMax).catch(() => undefined);

  const project = (rows: readonly Row[], from: bigint, to: bigint): Promise<boolean> =>
    database.transaction(async (transaction) => {
      const { rowCount } = await transaction.query(MOVE_CHECKPOINT, [
        name,
        version,
        String(from),
        String(to),
      ]);
      if (rowCount === 0) return false;
      const wanted = rows.filter(({ type }) => eventTypes.includes(type));
      const stored = wanted.map((row) => toRecordedEvent(row.stream, row));
      const events = await presentEvents(stored, { catalog, holder });
      if (events.length > 0) await (await projection.apply(transaction, events))?.answers;
      return true;
    });

  async function startingPosition(): Promise<bigint | undefined> {
    if (begins === 'by itself') await database.query(ADD_CHECKPOINT, [name, version]);
    return storedPosition();
  }

  async function storedPosition(): Promise<bigint | undefined> {
    const { rows } = await database.query<{ position: string }>(READ_CHECKPOINT, [name, version]);
    return rows[0] && BigInt(rows[0].position);
  }

  return { ...polling, position: async () => (await storedPosition()) ?? 0n, hole: () => reader.hole() };
}

/** The progress of a projection that follows the store. */
export interface ProjectionProgress {
  readonly projection: string;
  readonly version: number;
  /** The position up to which every event is in the read model. */
  readonly position: bigint;
  /** The last position of the store. */
  readonly last: bigint;
  readonly paused: boolean;
  readonly startedAt: Date;
  /** Above 0. Changes when the projection is begun again, paused or resumed, to one that it never had. */
  readonly revision: bigint;
  /** The positions between the two. They may include some that were never used. */
  readonly lagEvents: bigint;
  /** The age of the oldest event that is not in the read model, or 0. */
  readonly lagMs: number;
  /** The events a second of the last batches. */
  readonly rate: number;
  /** Absent while the rate is 0 or the projection is paused. */
  readonly remainingMs?: number;
}

interface ProgressRow extends Record<string, unknown> {
  readonly projection: string;
  readonly version: number;
  readonly position: string;
  readonly paused: boolean;
  readonly rate: number;
  readonly started_at: Date;
  readonly revision: string;
  readonly last: string;
  readonly waiting_since: Date | null;
}

/** Reads the progress of some projections. One that was never started is left out. */
export async function projectionProgress(
  database: Queryable,
  projections: readonly string[],
  now: Date,
): Promise<readonly ProjectionProgress[]> {
  const { rows } = await database.query<ProgressRow>(READ_PROGRESS, [projections]);
  return rows.map((row) => toProgress(row, now));
}

function toProgress(
  { projection, version, paused, rate, ...row }: ProgressRow,
  now: Date,
): ProjectionProgress {
  const position = BigInt(row.position);
  const last = BigInt(row.last);
  const lagEvents = last > position ? last - position : 0n;
  const isMoving = rate > 0 && !paused;
  return {
    projection,
    version,
    position,
    last,
    paused,
    startedAt: row.started_at,
    revision: BigInt(row.revision),
    lagEvents,
    lagMs: row.waiting_since === null ? 0 : Math.max(0, now.getTime() - row.waiting_since.getTime()),
    rate,
    ...(isMoving && { remainingMs: Math.round((Number(lagEvents) / rate) * 1_000) }),
  };
}
