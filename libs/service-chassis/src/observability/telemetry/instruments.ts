import {
  metrics,
  trace,
  type Histogram,
  type Meter,
  type Tracer,
  SpanStatusCode,
  type Span,
} from '@opentelemetry/api';
import { metric, schemaUrl, scope, attribute } from './names.ts';

/**
 * Returns a low-cardinality word for an error: its code or its class, never its message, which may
 * contain personal data.
 */
export function errorTypeOf(error: unknown): string {
  if (!(error instanceof Error)) return '_OTHER';
  if (error.name === 'MessageFailure' && error.cause !== undefined) return errorTypeOf(error.cause);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

export const failureOf = (error: unknown): { [attribute.errorType]?: string } =>
  error === undefined ? {} : { [attribute.errorType]: errorTypeOf(error) };

/** Ends a span, as failed if there is an error. */
export function endSpan(span: Span, error?: unknown): void {
  if (error !== undefined) {
    span.setAttribute(attribute.errorType, errorTypeOf(error));
    span.setStatus({ code: SpanStatusCode.ERROR });
  }
  span.end();
}

const messagingBuckets = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const databaseBuckets = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];

/**
 * Creates the tracer and the instruments. For a signal that is not exported, the API provides ones
 * that do nothing.
 */
export function createInstruments() {
  const meter: Meter = metrics.getMeter(scope, undefined, { schemaUrl });
  const histogram = (name: string, explicitBucketBoundaries: number[]): Histogram =>
    meter.createHistogram(name, { unit: 's', advice: { explicitBucketBoundaries } });
  const tracer: Tracer = trace.getTracerProvider().getTracer(scope, undefined, { schemaUrl });
  return {
    tracer,
    meter,
    requestDuration: histogram(metric.httpServerRequestDuration, messagingBuckets),
    sendDuration: histogram(metric.messagingClientOperationDuration, messagingBuckets),
    processDuration: histogram(metric.messagingProcessDuration, messagingBuckets),
    statementDuration: histogram(metric.dbClientOperationDuration, databaseBuckets),
    sentMessages: meter.createCounter(metric.messagingClientSentMessages, { unit: '{message}' }),
    consumedMessages: meter.createCounter(metric.messagingClientConsumedMessages, { unit: '{message}' }),
  };
}

export type Instruments = ReturnType<typeof createInstruments>;

/** Returns a function that gives the seconds since this call. */
export function stopwatch(): () => number {
  const startedAt = performance.now();
  return () => (performance.now() - startedAt) / 1_000;
}
