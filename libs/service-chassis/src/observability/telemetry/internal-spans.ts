import { context, SpanKind, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import type { TraceCarrier } from '@millrace/streaming-core/contract';
import type { CallReport, RecordingReport } from '@millrace/streaming-core/external-calls';
import { carry, contextOf, carriedContext, linksTo } from './carried-trace.ts';
import { endSpan, type Instruments } from './instruments.ts';
import { ownAttribute } from './names.ts';
import type { Operation } from './observe.ts';

/** The report of the saga library. */
interface SagaInputReport extends TraceCarrier {
  readonly definition: string;
  readonly sagaId: string;
  readonly what: string;
  readonly correlationId?: string;
  readonly status?: string;
  readonly sent?: readonly string[];
}

interface SagaTimerReport extends TraceCarrier {
  readonly definition: string;
  readonly sagaId: string;
  readonly role: string;
  readonly step: string;
}

/**
 * `saga fulfillment InventoryReserved`, INTERNAL: how one saga handled one input, inside the span
 * of the message or timer that brought it.
 */
export function beginSagaSpan({ tracer }: Instruments, report: SagaInputReport): Operation {
  const { definition, sagaId, what } = report;
  const attributes = {
    [ownAttribute.sagaDefinition]: definition,
    [ownAttribute.sagaId]: sagaId,
    [ownAttribute.sagaInput]: what,
  };
  const span = tracer.startSpan(
    `saga ${definition} ${what}`,
    { kind: SpanKind.INTERNAL, attributes },
    context.active(),
  );
  return {
    context: carry(report, span),
    end(error) {
      const { correlationId, status, sent = [] } = report;
      span.setAttributes({
        ...(correlationId !== undefined && { [ownAttribute.correlationId]: correlationId }),
        ...(status !== undefined && { [ownAttribute.sagaStatus]: status }),
        [ownAttribute.sagaStepsSent]: [...sent],
      });
      endSpan(span, error);
    },
  };
}

/**
 * `timer fulfillment ship`, INTERNAL: the transaction of a due timer, in the trace that set the
 * timer.
 */
export function beginTimerSpan({ tracer }: Instruments, report: SagaTimerReport): Operation {
  const { definition, sagaId, role, step } = report;
  const attributes = {
    [ownAttribute.sagaDefinition]: definition,
    [ownAttribute.sagaId]: sagaId,
    [ownAttribute.sagaRole]: role,
    [ownAttribute.sagaStep]: step,
  };
  const span = tracer.startSpan(
    `timer ${definition} ${step}`,
    { kind: SpanKind.INTERNAL, attributes },
    contextOf(report),
  );
  return { context: carry(report, span), end: (error) => endSpan(span, error) };
}

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
