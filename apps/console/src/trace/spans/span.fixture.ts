import type { TraceSpan } from '../../api/trace.ts';

/** Makes a span with this id, these fields, and defaults for the others. */
export const span = (spanId: string, fields: Partial<TraceSpan> = {}): TraceSpan => ({
  traceId: 'trace',
  spanId,
  service: 'order',
  name: spanId,
  kind: 1,
  startMs: 1_000,
  durationMs: 1,
  failed: false,
  attributes: {},
  links: [],
  ...fields,
});
