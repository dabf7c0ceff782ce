import { tracingChannel } from 'node:diagnostics_channel';
import type { TraceCarrier } from '../../contract/index.ts';

/**
 * The report on `tracing:millrace.external-call` about one attempt, from the query about the
 * previous attempt to the recorded result.
 */
export interface CallReport extends TraceCarrier {
  readonly kind: string;
  readonly key: string;
  readonly attempt: number;
  readonly correlationId: string;
}

/**
 * The report on `tracing:millrace.external-call.record` about a transaction that records results.
 */
export interface RecordingReport {
  readonly kind: string;
  readonly calls: readonly TraceCarrier[];
}

const calling = tracingChannel<unknown, CallReport>('millrace.external-call');
const recording = tracingChannel<unknown, RecordingReport>('millrace.external-call.record');

export const reportCall = <Result>(report: CallReport, work: () => Promise<Result>): Promise<Result> =>
  calling.hasSubscribers ? calling.tracePromise(work, report) : work();

export const reportRecording = <Result>(
  report: RecordingReport,
  work: () => Promise<Result>,
): Promise<Result> => (recording.hasSubscribers ? recording.tracePromise(work, report) : work());
