import { SpanStatusCode, type Span } from '@opentelemetry/api';
import { attribute } from './names.ts';

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
