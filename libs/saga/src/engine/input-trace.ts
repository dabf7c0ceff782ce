import { tracingChannel } from 'node:diagnostics_channel';
import {
  traceContextOf,
  traceOf,
  type TraceCarrier,
  type TraceContext,
} from '@millrace/streaming-core/contract';
import type { FoundTimer } from './found-timer.ts';
import type { Incoming } from './incoming.ts';

/**
 * The report on `tracing:millrace.saga.input`: one saga takes one input, inside its transaction.
 */
export interface InputReport extends TraceCarrier {
  readonly definition: string;
  readonly sagaId: string;
  /** The message's type, or `timer` and its step. */
  readonly what: string;
  /**
   * Set once the saga has decided, like the fields below. Missing if there was nothing to decide.
   */
  correlationId?: string;
  status?: string;
  /**
   * The steps whose commands were sent, as `compensation STEP` or `closing STEP` while the saga is
   * compensated.
   */
  sent?: readonly string[];
}

/**
 * The report on `tracing:millrace.saga.timer`: a timer fires in its owner's transaction. The trace
 * is that of the input that set the timer.
 */
interface TimerReport extends TraceCarrier {
  readonly definition: string;
  readonly sagaId: string;
  readonly role: string;
  readonly step: string;
}

const inputs = tracingChannel<unknown, InputReport>('millrace.saga.input');
const timers = tracingChannel<unknown, TimerReport>('millrace.saga.timer');

export function reportInput<Result>(
  { name, sagaId, what, trace }: Incoming,
  work: (report: InputReport) => Promise<Result>,
): Promise<Result> {
  const report: InputReport = { definition: name, sagaId, what, ...trace };
  return inputs.hasSubscribers ? inputs.tracePromise(work, report, undefined, report) : work(report);
}

export function reportTimer(
  { definition, saga_id: sagaId, role, step, traceparent, tracestate }: FoundTimer,
  work: (trace: TraceContext) => Promise<void>,
): Promise<void> {
  const trace = traceContextOf({
    traceparent: traceparent ?? undefined,
    tracestate: tracestate ?? undefined,
  });
  const report: TimerReport = { definition, sagaId, role, step, ...trace };
  const traced = () => work(traceOf(report));
  return timers.hasSubscribers ? timers.tracePromise(traced, report) : traced();
}
