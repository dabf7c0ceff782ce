import { parseTraceparent } from '@millrace/streaming-core/contract';
import { currentContext } from './request-context.ts';

interface SpanIds {
  readonly traceId: string;
  readonly spanId: string;
}

/**
 * Returns the ids that came with the current request or message. They are used if no spans are
 * made.
 */
const ofContext = (): SpanIds | undefined => parseTraceparent(currentContext()?.traceparent);

let spanNow = ofContext;

/** Takes the ids from the active span if there is one. Returns a function that undoes this. */
export function traceLogsBy(activeSpan: () => SpanIds | undefined): () => void {
  spanNow = () => activeSpan() ?? ofContext();
  return () => void (spanNow = ofContext);
}

/** The field names are those that OpenTelemetry specifies for logs in formats other than OTLP. */
export function traceFields(): { readonly trace_id?: string; readonly span_id?: string } {
  const span = spanNow();
  return span === undefined ? {} : { trace_id: span.traceId, span_id: span.spanId };
}
