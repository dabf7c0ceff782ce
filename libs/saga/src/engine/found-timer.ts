import type { SqlRow } from '@millrace/streaming-core/postgres';
import type { Role } from '../decision/events.ts';

/**
 * A timer's row as it was found. The transaction that fires the timer checks again whether it is
 * due.
 */
export interface FoundTimer extends SqlRow {
  readonly definition: string;
  readonly saga_id: string;
  readonly role: Role;
  readonly step: string;
  readonly token: string;
  readonly due_at: Date;
  readonly start_topic: string;
  readonly partition: number;
  /** The trace of the input that set the timer. Null if that input was not traced. */
  readonly traceparent: string | null;
  readonly tracestate: string | null;
}

/** The identities of timers as columns: definitions, saga ids, roles, steps, tokens. */
export const timerColumns = (timers: readonly FoundTimer[]): readonly (readonly string[])[] => [
  timers.map(({ definition }) => definition),
  timers.map(({ saga_id }) => saga_id),
  timers.map(({ role }) => role),
  timers.map(({ step }) => step),
  timers.map(({ token }) => token),
];
