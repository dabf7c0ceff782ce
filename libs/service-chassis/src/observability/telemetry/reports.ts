import { tracingChannel, channel } from 'node:diagnostics_channel';
import type { FastifyRequest } from 'fastify';
import { traceContextOf, type TraceCarrier } from '@millrace/streaming-core/contract';
import type { DataSource } from 'typeorm';

/** The report on the channel `millrace.database.opened`: a pool and its counters. */
export interface PoolReport {
  /** The address of the database, such as `127.0.0.1:54329/millrace_order`. */
  readonly name: string;
  readonly pool: {
    readonly totalCount: number;
    readonly idleCount: number;
    readonly waitingCount: number;
    readonly options: { readonly max: number };
  };
}

const opened = channel('millrace.database.opened');

export function reportPool(url: string, source: DataSource): void {
  const { host = 'unknown', pathname = '' } = URL.parse(url) ?? {};
  const name = host + pathname;
  const { master: pool } = source.driver as unknown as { readonly master: PoolReport['pool'] };
  opened.publish({ name, pool } satisfies PoolReport);
}

/**
 * The report on `tracing:millrace.http.request`, from the request's headers to the end of its
 * answer. If the caller has a trace, the report continues it.
 */
export interface RequestReport extends TraceCarrier {
  readonly method: string;
  /**
   * The pattern, such as `/orders/:id`, since a path may name people. Absent if no route matched.
   */
  readonly route?: string;
  readonly scheme: string;
  readonly host?: string;
  readonly correlationId: string;
  /** Absent until the request is answered. It stays absent if the client has gone. */
  status?: number;
}

const channels = tracingChannel<unknown, RequestReport>('millrace.http.request');

export function requestReport(
  { method, routeOptions, protocol, host, headers }: FastifyRequest,
  correlationId: string,
): RequestReport {
  const { traceparent, tracestate } = headers;
  const state = Array.isArray(tracestate) ? tracestate.join(',') : tracestate;
  const trace = typeof traceparent === 'string' ? traceContextOf({ traceparent, tracestate: state }) : {};
  return { method, route: routeOptions.url, scheme: protocol, host, correlationId, ...trace };
}

export const beginRequest = (report: RequestReport, work: () => void): void =>
  channels.hasSubscribers ? channels.start.runStores(report, work) : work();

export function endRequest(report: RequestReport, status?: number): void {
  if (status !== undefined) report.status = status;
  channels.asyncEnd.publish(report);
}
