import type { Logger } from '@millrace/streaming-core/runtime';
import { channel } from 'node:diagnostics_channel';
import { pino } from 'pino';
import { parseTraceparent } from '@millrace/streaming-core/contract';
import type { LoggerService } from '@nestjs/common';
import { currentContext } from './request-context.ts';
import { token } from '../provide.ts';

/** Passes Nest's own lines to our logger. Its lines about wiring are at level debug. */
export function nestLogger(logger: Logger): LoggerService {
  const context = (parameters: unknown[]) => ({
    nest: typeof parameters.at(-1) === 'string' ? parameters.at(-1) : undefined,
  });
  return {
    log: (message, ...parameters) => logger.debug(context(parameters), String(message)),
    debug: (message, ...parameters) => logger.debug(context(parameters), String(message)),
    verbose: (message, ...parameters) => logger.debug(context(parameters), String(message)),
    warn: (message, ...parameters) => logger.warn(context(parameters), String(message)),
    error: (message, ...parameters) =>
      logger.error({ ...context(parameters), err: message }, textOf(message)),
    fatal: (message, ...parameters) =>
      logger.error({ ...context(parameters), err: message }, textOf(message)),
  };
}

const textOf = (message: unknown): string => (message instanceof Error ? message.message : String(message));

interface SpanIds {
  readonly traceId: string;
  readonly spanId: string;
}

/**
 * Returns the ids that came with the current request or message. They are used if no spans are
 * made.
 */
const ofContext = (): SpanIds | undefined => parseTraceparent(currentContext()?.traceparent);

let spanNow = ofContext;

/** Takes the ids from the active span if there is one. Returns a function that undoes this. */
export function traceLogsBy(activeSpan: () => SpanIds | undefined): () => void {
  spanNow = () => activeSpan() ?? ofContext();
  return () => void (spanNow = ofContext);
}

/** The field names are those that OpenTelemetry specifies for logs in formats other than OTLP. */
function traceFields(): { readonly trace_id?: string; readonly span_id?: string } {
  const span = spanNow();
  return span === undefined ? {} : { trace_id: span.traceId, span_id: span.spanId };
}

/**
 * The logger of the process: one JSON object per line, with the ids of the current trace and
 * without personal data or secrets.
 */
export const LOGGER = token<Logger>('Logger');

/**
 * Fields with personal data or secrets. If code logs one by mistake, only a mark appears. Bodies
 * and payloads are never logged.
 */
const censored = [
  'email',
  'to',
  'name',
  'street',
  'city',
  'shippingAddress',
  'address',
  'personal',
  'card',
  'paymentMethod',
];
const secrets = ['password', 'authorization', 'cookie', 'databaseUrl', 'url.password', 'token'];

/** The report on the channel `millrace.log.line`: a censored line as it is written. */
export interface LineReport {
  readonly line: string;
}

const lines = channel('millrace.log.line');

interface LoggerOptions {
  readonly service: string;
  readonly level: string;
  /** The destination of the lines; standard output by default. */
  readonly write?: (line: string) => void;
}

/**
 * Creates a logger that writes JSON lines with `service`, an ISO time and, if known,
 * `correlationId`, the service's log subject, `trace_id` and `span_id`.
 */
export function createLogger({ service, level, write }: LoggerOptions): Logger {
  const options = {
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    hooks: { streamWrite: reported },
    mixin: () => ({ ...contextFields(), ...traceFields() }),
    serializers: { err: describeError, error: describeError },
    redact: {
      paths: [...censored, ...secrets].flatMap((field) =>
        field.includes('.') ? [field] : [field, `*.${field}`],
      ),
    },
  };
  return write === undefined ? pino(options) : pino(options, { write });
}

function reported(line: string): string {
  if (lines.hasSubscribers) lines.publish({ line } satisfies LineReport);
  return line;
}

function contextFields() {
  const context = currentContext();
  if (context === undefined) return {};
  return { correlationId: context.correlationId, ...context.logFields };
}

const causesMax = 5;

/**
 * Describes an error for a log line: name, code, message, stack and causes. Drivers attach
 * statements, parameters and rows to their errors; those are left out.
 */
function describeError(error: unknown, depth = 0): object {
  if (!(error instanceof Error)) return { message: String(error) };
  return {
    type: error.name,
    ...('code' in error && typeof error.code === 'string' ? { code: error.code } : {}),
    message: error.message,
    ...(depth === 0 ? { stack: error.stack } : {}),
    ...(error.cause !== undefined && depth < causesMax
      ? { cause: describeError(error.cause, depth + 1) }
      : {}),
  };
}
