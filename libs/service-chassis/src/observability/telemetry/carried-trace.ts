import {
  createTraceState,
  ROOT_CONTEXT,
  trace,
  type Context,
  type Link,
  type Span,
} from '@opentelemetry/api';
import {
  formatTraceparent,
  parseTraceparent,
  type TraceCarrier,
  type TraceContext,
} from '@millrace/streaming-core/contract';

/** Returns the context that came with a message, a request or a row, or the root if none did. */
export function contextOf({ traceparent, tracestate }: TraceContext): Context {
  const parent = parseTraceparent(traceparent);
  if (parent === undefined) return ROOT_CONTEXT;
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId: parent.traceId,
    spanId: parent.spanId,
    traceFlags: parent.flags,
    isRemote: true,
    ...(tracestate !== undefined && { traceState: createTraceState(tracestate) }),
  });
}

const contexts = new WeakMap<TraceCarrier, Context>();

/**
 * Makes the span the context of its carrier, for everything that its work writes and for work that
 * resumes on it.
 */
export function carry(carrier: TraceCarrier, span: Span): Context {
  const { traceId, spanId, traceFlags, traceState } = span.spanContext();
  carrier.traceparent = formatTraceparent({ traceId, spanId, flags: traceFlags });
  const state = traceState?.serialize();
  if (state === undefined || state === '') delete carrier.tracestate;
  else carrier.tracestate = state;
  const context = trace.setSpan(ROOT_CONTEXT, span);
  contexts.set(carrier, context);
  return context;
}

/** Returns the context of a carrier's work. */
export const carriedContext = (carrier: TraceCarrier): Context => contexts.get(carrier) ?? contextOf(carrier);

/** Links to the traces that the carriers came from, each once. */
export function linksTo(carriers: readonly TraceContext[]): Link[] {
  const distinct = new Map(carriers.map((carrier) => [carrier.traceparent, contextOf(carrier)]));
  return [...distinct.values()].flatMap((context) => {
    const spanContext = trace.getSpanContext(context);
    return spanContext === undefined ? [] : [{ context: spanContext }];
  });
}
