import { AsyncLocalStorage } from 'node:async_hooks';
import { trace, type Context } from '@opentelemetry/api';
import { NodeSDK } from '@opentelemetry/sdk-node';
import type { TraceCarrier } from '@millrace/streaming-core/contract';
import type { Logger } from '@millrace/streaming-core/runtime';
import { traceLogsBy } from '../logging/trace-fields.ts';
import { beginCallSpan, beginRecordingSpan } from './call-spans.ts';
import { carriedContext } from './carried-trace.ts';
import { StoredContexts } from './context-manager.ts';
import { logDiagnostics } from './diagnostics.ts';
import { createInstruments, type Instruments } from './instruments.ts';
import { exportLogs } from './log-records.ts';
import { enterOn, observe, type Operation } from './observe.ts';
import { measurePools } from './pool-measurements.ts';
import { beginProcessSpans } from './process-spans.ts';
import { beginRequestSpan } from './request-spans.ts';
import { beginSagaSpan, beginTimerSpan } from './saga-spans.ts';
import { beginSendSpans } from './send-spans.ts';
import { observeStatements } from './statement-spans.ts';
import type { Exported } from './telemetry-settings.ts';

/**
 * Starts OpenTelemetry's SDK as configured by `OTEL_*`, and turns the libraries' reports into spans
 * and measurements. Returns a function that flushes and stops it.
 */
export function startSdk(logger: Logger, { logs }: Pick<Exported, 'logs'>): () => Promise<void> {
  const storage = new AsyncLocalStorage<Context>();
  const sdk = new NodeSDK({ contextManager: new StoredContexts(storage) });
  sdk.start();
  // Otherwise the SDK would log to the console itself.
  if (process.env.OTEL_LOG_LEVEL === undefined) logDiagnostics(logger);
  const stops = [...observeEverything(storage), ...(logs === 'none' ? [] : [exportLogs(storage)])];
  return async () => {
    for (const stop of stops) stop();
    await sdk.shutdown();
  };
}

export function observeEverything(storage: AsyncLocalStorage<Context>): readonly (() => void)[] {
  const instruments = createInstruments();
  const spans = <Report extends object>(
    name: string,
    begin: (using: Instruments, report: Report) => Operation,
  ) => observe<Report>(name, storage, (report) => begin(instruments, report));
  return [
    spans('millrace.http.request', beginRequestSpan),
    spans('millrace.consumer.process', beginProcessSpans),
    spans('millrace.relay.send', beginSendSpans),
    spans('millrace.saga.input', beginSagaSpan),
    spans('millrace.saga.timer', beginTimerSpan),
    spans('millrace.external-call', beginCallSpan),
    spans('millrace.external-call.record', beginRecordingSpan),
    enterOn<TraceCarrier>('millrace.trace.resume', storage, carriedContext),
    observeStatements(instruments),
    measurePools(instruments),
    traceLogsBy(() => trace.getActiveSpan()?.spanContext()),
  ];
}
