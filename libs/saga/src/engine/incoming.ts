import { tracingChannel } from 'node:diagnostics_channel';
import {
  traceContextOf,
  traceOf,
  type TraceCarrier,
  type TraceContext,
} from '@millrace/streaming-core/contract';
import type { FoundTimer } from '../postgres/saga-rows.ts';
import type { SagaDefinition } from '../definition/definition.ts';
import type { SagaInput } from '../decision/inputs.ts';

/** One input for one saga. */
export interface Incoming {
  readonly name: string;
  readonly sagaId: string;
  /** The id of the message, or of the unanswered command whose timer fired. */
  readonly causationId: string;
  readonly trace: TraceContext;
  /** The partition of the message or timer. Undefined for a local start. */
  readonly partition?: number;
  /** The message's type, or `timer` and its step. Used in reports. */
  readonly what: string;
  /**
   * Returns the input as this version of the definition sees it. `at` is the moment at which the
   * saga takes it.
   */
  toInput(definition: SagaDefinition, at: string): SagaInput;
}

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
