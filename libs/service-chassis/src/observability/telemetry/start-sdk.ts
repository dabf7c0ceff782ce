import { AsyncLocalStorage } from 'node:async_hooks';
import { diag, DiagLogLevel, trace, type Context } from '@opentelemetry/api';
import { NodeSDK } from '@opentelemetry/sdk-node';
import type { TraceCarrier } from '@millrace/streaming-core/contract';
import { minutes, systemClock, type Logger } from '@millrace/streaming-core/runtime';
import type { PoolReport } from './pool-report.ts';
import { traceLogsBy } from '../../ground/logging/trace-fields.ts';
import { listen } from '../metrics/listen.ts';
import { beginCallSpan, beginRecordingSpan } from './call-spans.ts';
import { carriedContext } from './carried-trace.ts';
import { StoredContexts } from './context-manager.ts';
import { createInstruments, type Instruments } from './instruments.ts';
import { exportLogs } from './log-records.ts';
import { attribute, metric } from './names.ts';
import { enterOn, observe, type Operation } from './observe.ts';
import { beginProcessSpans } from './process-spans.ts';
import { beginRequestSpan } from './request-spans.ts';
import { beginSagaSpan, beginTimerSpan } from './saga-spans.ts';
import { beginSendSpans } from './send-spans.ts';
import { observeStatements } from './statement-spans.ts';
import type { Exported } from '../../ground/config/telemetry-settings.ts';

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

const diagnosticCharactersMax = 500;

/**
 * Logs the SDK's complaints, such as an unreachable collector. They repeat, so it logs at most one
 * line a minute.
 */
function logDiagnostics(logger: Logger): void {
  let quietUntil = -Infinity;
  const warn = (...said: readonly unknown[]) => {
    if (systemClock.monotonic() < quietUntil) return;
    quietUntil = systemClock.monotonic() + minutes(1);
    const reason = said.map((part) => (part instanceof Error ? part.message : String(part))).join(' ');
    logger.warn(
      { reason: reason.slice(0, diagnosticCharactersMax) },
      'telemetry cannot be exported; the service continues without it',
    );
  };
  const ignore = () => undefined;
  diag.setLogger({ error: warn, warn, info: ignore, debug: ignore, verbose: ignore }, DiagLogLevel.WARN);
}

/**
 * Measures how many connections the pools have, by state, and how many requests wait for one.
 * Returns a function that stops measuring.
 */
function measurePools({ meter }: Instruments): () => void {
  const pools = new Map<string, PoolReport['pool']>();
  const stop = listen({
    'millrace.database.opened': ({ name, pool }: PoolReport) => void pools.set(name, pool),
  });
  const connections = meter.createObservableUpDownCounter(metric.dbClientConnectionCount, {
    unit: '{connection}',
  });
  const limit = meter.createObservableUpDownCounter(metric.dbClientConnectionLimit, { unit: '{connection}' });
  const waiting = meter.createObservableUpDownCounter(metric.dbClientConnectionPendingRequests, {
    unit: '{request}',
  });
  meter.addBatchObservableCallback(
    (result) => {
      for (const [name, { totalCount, idleCount, waitingCount, options }] of pools) {
        const of = { [attribute.dbClientConnectionPoolName]: name };
        result.observe(connections, idleCount, { ...of, [attribute.dbClientConnectionState]: 'idle' });
        result.observe(connections, totalCount - idleCount, {
          ...of,
          [attribute.dbClientConnectionState]: 'used',
        });
        result.observe(limit, options.max, of);
        result.observe(waiting, waitingCount, of);
      }
    },
    [connections, limit, waiting],
  );
  return stop;
}
