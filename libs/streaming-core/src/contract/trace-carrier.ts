import { channel } from 'node:diagnostics_channel';
import type { TraceContext } from './trace-context.ts';

/**
 * Something that is reported on a tracing channel and belongs to a trace. A subscriber that turns
 * the report into a span replaces the trace context in it with that of the span, and everything
 * that the work causes carries the new context. The context is read only after all subscribers have
 * been called.
 */
export type TraceCarrier = { -readonly [Name in keyof TraceContext]: TraceContext[Name] };

const resumed = channel('millrace.trace.resume');

/** Runs work as part of one carrier's trace, for a transaction that several carriers share. */
export const resumeTrace = <Result>(carrier: TraceCarrier, work: () => Result): Result =>
  resumed.hasSubscribers ? resumed.runStores(carrier, work) : work();

/** The trace context for everything that the carrier causes. */
export const traceOf = ({ traceparent, tracestate }: TraceCarrier): TraceContext => ({
  ...(traceparent !== undefined && { traceparent }),
  ...(tracestate !== undefined && { tracestate }),
});
