import { parseTraceparent } from '@millrace/streaming-core/contract';
import { currentContext } from './request-context.ts';

interface SpanIds {
  readonly traceId: string;
  readonly spanId: string;
}

/** Of the request or message that runs now: what came with it, where nobody makes spans. */
const ofContext = (): SpanIds | undefined => parseTraceparent(currentContext()?.traceparent);

let spanNow = ofContext;

/** Asks for the span that is active, where there are spans. Returns the way back. */
export function traceLogsBy(activeSpan: () => SpanIds | undefined): () => void {
  spanNow = () => activeSpan() ?? ofContext();
  return () => void (spanNow = ofContext);
}

/** By the names that OpenTelemetry gives them in logs that are no OTLP. */
export function traceFields(): { readonly trace_id?: string; readonly span_id?: string } {
  const span = spanNow();
  return span === undefined ? {} : { trace_id: span.traceId, span_id: span.spanId };
}
