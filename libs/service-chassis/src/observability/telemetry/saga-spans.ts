import { context, SpanKind } from '@opentelemetry/api';
import type { TraceCarrier } from '@millrace/streaming-core/contract';
import { carry, contextOf } from './carried-trace.ts';
import { endSpan } from './failure.ts';
import type { Instruments } from './instruments.ts';
import { ownAttribute } from './names.ts';
import type { Operation } from './observe.ts';

/** The report of the saga library. */
export interface SagaInputReport extends TraceCarrier {
  readonly definition: string;
  readonly sagaId: string;
  readonly what: string;
  readonly correlationId?: string;
  readonly status?: string;
  readonly sent?: readonly string[];
}

export interface SagaTimerReport extends TraceCarrier {
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
