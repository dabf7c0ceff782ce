import { ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import type { CallReport, RecordingReport } from '@millrace/streaming-core/external-calls';
import { carriedContext, carry, contextOf, linksTo } from './carried-trace.ts';
import { endSpan } from './failure.ts';
import type { Instruments } from './instruments.ts';
import { ownAttribute } from './names.ts';
import type { Operation } from './observe.ts';

/**
 * `call card-charge`, INTERNAL: one attempt at an external call, in the trace of the decision that
 * requested it.
 */
export function beginCallSpan({ tracer }: Instruments, report: CallReport): Operation {
  const { kind, key, attempt, correlationId } = report;
  const attributes = {
    [ownAttribute.callKind]: kind,
    [ownAttribute.callKey]: key,
    [ownAttribute.callAttempt]: attempt,
    [ownAttribute.correlationId]: correlationId,
  };
  const span = tracer.startSpan(`call ${kind}`, { kind: SpanKind.INTERNAL, attributes }, contextOf(report));
  return { context: carry(report, span), end: (error) => endSpan(span, error) };
}

/**
 * A result that is recorded alone belongs to the span of its call. Several results that share a
 * transaction share one separate span, which links to each call.
 */
export function beginRecordingSpan({ tracer }: Instruments, { kind, calls }: RecordingReport): Operation {
  const [first, ...others] = calls;
  if (first === undefined || others.length === 0)
    return { context: first === undefined ? ROOT_CONTEXT : carriedContext(first), end: () => undefined };
  const attributes = { [ownAttribute.callKind]: kind, [ownAttribute.callsRecorded]: calls.length };
  const options = { kind: SpanKind.INTERNAL, root: true, links: linksTo(calls), attributes };
  const span = tracer.startSpan(`record ${kind}`, options, ROOT_CONTEXT);
  return { context: trace.setSpan(ROOT_CONTEXT, span), end: (error) => endSpan(span, error) };
}
