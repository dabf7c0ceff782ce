import type { Queryable } from '@millrace/streaming-core/postgres';
import { READ_PROGRESS } from './postgres/async-projection.sql.ts';

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
