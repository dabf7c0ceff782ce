import type { CloudEventAttributes, TraceContext } from '../../contract/index.ts';
import type { SqlRow, Queryable } from '../../postgres/index.ts';
import { CodedError, type errors } from '../../runtime/errors.ts';
import type { DurationMs } from '../../runtime/index.ts';
import { PENDING_CALLS } from './external-calls.sql.ts';

/**
 * Counting stops at this number of calls. It covers all kinds together and begins with the oldest.
 */
export const pendingCallsMax = 10_000;

export interface ExternalCallFigures {
  readonly kind: string;
  /** The number of calls that are in flight or waiting. */
  readonly pending: number;
  readonly oldestAgeMs: DurationMs;
}

/** Counts the pending external calls of each kind. A kind without pending calls is left out. */
export async function externalCallFigures(database: Queryable): Promise<readonly ExternalCallFigures[]> {
  const { rows } = await database.query<{ kind: string; pending: number; oldest_age_ms: number }>(
    PENDING_CALLS,
    [pendingCallsMax],
  );
  return rows.map(({ kind, pending, oldest_age_ms: oldestAgeMs }) => ({ kind, pending, oldestAgeMs }));
}

export type ExternalCallErrorCode = keyof typeof errors.externalCall;

/** An external call cannot be requested or made. `code` says why. */
export class ExternalCallError extends CodedError<ExternalCallErrorCode> {
  override readonly name = 'ExternalCallError';
}

/** The correlation, causation, saga and trace that a call belongs to. */
export type ExternalCallMetadata = Pick<
  CloudEventAttributes,
  'correlationId' | 'causationId' | 'saga' | keyof TraceContext
>;

/** A call that a worker has claimed. */
export interface CallRow extends SqlRow {
  readonly id: string;
  readonly kind: string;
  readonly key: string;
  readonly payload: unknown;
  readonly metadata: ExternalCallMetadata;
  readonly attempts: number;
  readonly created_at: Date;
}

/** The name of the worker that is woken when the intent is committed. */
export const callWorker = (kind: string): string => `external calls ${kind}`;
