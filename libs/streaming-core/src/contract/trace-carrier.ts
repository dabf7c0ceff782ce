import { channel } from 'node:diagnostics_channel';
import type { TraceContext } from './trace-context.ts';

/**
 * Something that is reported on a tracing channel and belongs to a trace. Who makes spans of such reports replaces the context that came with it by
 * the one that its consequences are to carry; they are read only after the subscribers have been told.
 */
export type TraceCarrier = { -readonly [Name in keyof TraceContext]: TraceContext[Name] };

const resumed = channel('millrace.trace.resume');

/** Runs work on behalf of one carrier, where several share a transaction: what it does is part of that carrier's trace. */
export const resumeTrace = <Result>(carrier: TraceCarrier, work: () => Result): Result =>
  resumed.hasSubscribers ? resumed.runStores(carrier, work) : work();

/** What a carrier's consequences carry. */
export const traceOf = ({ traceparent, tracestate }: TraceCarrier): TraceContext => ({
  ...(traceparent !== undefined && { traceparent }),
  ...(tracestate !== undefined && { tracestate }),
});
