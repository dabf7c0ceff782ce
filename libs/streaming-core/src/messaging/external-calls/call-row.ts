import type { CloudEventAttributes, TraceContext } from '../../contract/index.ts';
import type { SqlRow } from '../../postgres/index.ts';

/** The correlation, causation and trace that a call belongs to. */
export type ExternalCallMetadata = Pick<
  CloudEventAttributes,
  'correlationId' | 'causationId' | keyof TraceContext
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
