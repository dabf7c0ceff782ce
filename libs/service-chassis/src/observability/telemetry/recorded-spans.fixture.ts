import { AsyncLocalStorage } from 'node:async_hooks';
import { context, SpanKind, SpanStatusCode, trace, type Context } from '@opentelemetry/api';
import {
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace';
import { StoredContexts, observeEverything } from './start-sdk.ts';

/** The parts of a span that tests read. */
export interface RecordedSpan {
  readonly name: string;
  readonly kind: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly failed: boolean;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly links: readonly string[];
}

/** Sets up the real SDK with an exporter that keeps spans, for the process of one test file. */
export function recordSpans() {
  const exporter = new InMemorySpanExporter();
  const storage = new AsyncLocalStorage<Context>();
  context.setGlobalContextManager(new StoredContexts(storage));
  trace.setGlobalTracerProvider(
    new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }),
  );
  const stops = observeEverything(storage);
  return {
    /** Returns the spans that ended since the last call, in that order. */
    take(): readonly RecordedSpan[] {
      const spans = exporter.getFinishedSpans().map(toRecorded);
      exporter.reset();
      return spans;
    },
    stop() {
      for (const stop of stops) stop();
      trace.disable();
      context.disable();
    },
  };
}

const toRecorded = (span: ReadableSpan): RecordedSpan => ({
  name: span.name,
  kind: SpanKind[span.kind],
  traceId: span.spanContext().traceId,
  spanId: span.spanContext().spanId,
  ...(span.parentSpanContext !== undefined && { parentSpanId: span.parentSpanContext.spanId }),
  failed: span.status.code === SpanStatusCode.ERROR,
  attributes: span.attributes,
  links: span.links.map((link) => link.context.spanId),
});
