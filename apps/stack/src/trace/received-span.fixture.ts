import type { ReceivedSpan } from './read-spans.ts';

/** A span as tests need it: its id, and what matters of it. */
export const span = (spanId: string, fields: Partial<ReceivedSpan> = {}): ReceivedSpan => ({
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
