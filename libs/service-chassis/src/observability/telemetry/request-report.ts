import { tracingChannel } from 'node:diagnostics_channel';
import type { FastifyRequest } from 'fastify';
import { traceContextOf, type TraceCarrier } from '@millrace/streaming-core/contract';

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
