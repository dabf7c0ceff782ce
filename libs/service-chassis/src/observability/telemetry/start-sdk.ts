import { AsyncLocalStorage } from 'node:async_hooks';
import {
  diag,
  DiagLogLevel,
  trace,
  type Context,
  ROOT_CONTEXT,
  type ContextManager,
  logs,
  SeverityNumber,
} from '@opentelemetry/api';
import { NodeSDK } from '@opentelemetry/sdk-node';
import type { TraceCarrier } from '@millrace/streaming-core/contract';
import { minutes, systemClock, type Logger } from '@millrace/streaming-core/runtime';
import type { PoolReport } from './reports.ts';
import { traceLogsBy, type LineReport } from '../../ground/logging/logger.ts';
import { listen } from '../metrics/metrics.ts';
import { beginCallSpan, beginRecordingSpan, beginSagaSpan, beginTimerSpan } from './internal-spans.ts';
import { carriedContext } from './carried-trace.ts';
import { createInstruments, type Instruments } from './instruments.ts';
import { attribute, metric, schemaUrl, scope } from './names.ts';
import { enterOn, observe, type Operation, quietly } from './observe.ts';
import { beginProcessSpans, beginSendSpans } from './message-spans.ts';
import { beginRequestSpan } from './request-spans.ts';
import { observeStatements } from './statement-spans.ts';
import type { Exported } from '../../ground/config/telemetry-settings.ts';

const severities: Readonly<Record<string, SeverityNumber>> = {
  debug: SeverityNumber.DEBUG,
  info: SeverityNumber.INFO,
  warn: SeverityNumber.WARN,
  error: SeverityNumber.ERROR,
};

/**
 * Exports every log line as a record of the active span, censored as in the log. Returns a function
 * that stops it.
 */
function exportLogs(storage: AsyncLocalStorage<Context>): () => void {
  const logger = logs.getLogger(scope, undefined, { schemaUrl });
  const emit = ({ line }: LineReport) => {
    const {
      level,
      time,
      msg,
      trace_id: _trace,
      span_id: _span,
      service: _resource,
      ...fields
    } = JSON.parse(line) as Line;
    const attributes = Object.entries(fields).map(([name, field]) => [
      name,
      typeof field === 'object' ? JSON.stringify(field) : field,
    ]);
    const context = storage.getStore();
    logger.emit({
      timestamp: new Date(time),
      severityNumber: severities[level] ?? SeverityNumber.UNSPECIFIED,
      severityText: level,
      body: msg,
      attributes: Object.fromEntries(attributes) as Record<string, string | number | boolean>,
      ...(context !== undefined && { context }),
    });
  };
  return listen({ 'millrace.log.line': (report: LineReport) => void quietly(() => emit(report)) });
}

type Line = Readonly<Record<string, unknown>> & {
  readonly level: string;
  readonly time: string;
  readonly msg: string;
};

/**
 * Keeps the API's active context in our own storage, so that the stores of tracing channels can be
 * bound to it.
 */
export class StoredContexts implements ContextManager {
  readonly #storage: AsyncLocalStorage<Context>;

  constructor(storage: AsyncLocalStorage<Context>) {
    this.#storage = storage;
  }

  active(): Context {
    return this.#storage.getStore() ?? ROOT_CONTEXT;
  }

  with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    context: Context,
    fn: F,
    thisArg?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    return this.#storage.run(context, () => fn.apply(thisArg, args));
  }

  bind<T>(context: Context, target: T): T {
    if (typeof target !== 'function') return target;
    const bound = (...args: unknown[]) =>
      this.#storage.run(context, () => (target as (...args: unknown[]) => unknown)(...args));
    return bound as T;
  }

  enable(): this {
    return this;
  }

  disable(): this {
    this.#storage.disable();
    return this;
  }
}

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
