import { tracingChannel } from 'node:diagnostics_channel';
import type { TraceCarrier } from '@millrace/streaming-core/contract';
import type { Incoming } from './incoming.ts';

/** What `tracing:millrace.saga.input` reports: one input taken by one saga, inside its transaction. */
export interface InputReport extends TraceCarrier {
  readonly definition: string;
  readonly sagaId: string;
  /** The message's type, or `timer` and its step. */
  readonly what: string;
  /** Once the saga has decided, if there was anything to decide: */
  correlationId?: string;
  status?: string;
  /** Steps whose commands were sent; `compensation STEP` and `closing STEP` while it is compensated. */
  sent?: readonly string[];
}

/** What `tracing:millrace.saga.timer` reports: a due timer on its way through its owner's transaction. The trace is that of whoever has set it. */
export interface TimerReport extends TraceCarrier {
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

export const reportTimer = (report: TimerReport, work: () => Promise<void>): Promise<void> =>
  timers.hasSubscribers ? timers.tracePromise(work, report) : work();
