import { probes } from '../metrics/metrics.ts';
import { context, SpanKind, SpanStatusCode, type Attributes } from '@opentelemetry/api';
import type { RequestReport } from './reports.ts';
import { carry, contextOf } from './carried-trace.ts';
import { stopwatch, type Instruments } from './instruments.ts';
import { attribute } from './names.ts';
import type { Operation } from './observe.ts';

const knownMethods = new Set([
  'CONNECT',
  'DELETE',
  'GET',
  'HEAD',
  'OPTIONS',
  'PATCH',
  'POST',
  'PUT',
  'QUERY',
  'TRACE',
]);
/** `POST /orders`, SERVER: from the headers to the end of the answer. */
export function beginRequestSpan({ tracer, requestDuration }: Instruments, report: RequestReport): Operation {
  if (report.route !== undefined && probes.has(report.route))
    return { context: context.active(), end: () => undefined };
  const attributes = attributesOf(report);
  const elapsed = stopwatch();
  const span = tracer.startSpan(nameOf(report), { kind: SpanKind.SERVER, attributes }, contextOf(report));
  return {
    context: carry(report, span),
    end() {
      const outcome = outcomeOf(report.status);
      span.setAttributes(outcome);
      if (attribute.errorType in outcome) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
      requestDuration.record(elapsed(), { ...measured(attributes), ...outcome });
    },
  };
}

const nameOf = ({ method, route }: RequestReport): string => {
  const verb = knownMethods.has(method) ? method : 'HTTP';
  return route === undefined ? verb : `${verb} ${route}`;
};

/**
 * Returns the attributes of a request. The path is the route's pattern, because the actual path may
 * name people.
 */
function attributesOf({ method, route, scheme, host }: RequestReport): Attributes {
  const [, address, port] = /^(.*?)(?::(\d+))?$/.exec(host ?? '') ?? [];
  return {
    [attribute.httpRequestMethod]: knownMethods.has(method) ? method : '_OTHER',
    [attribute.urlScheme]: scheme,
    ...(route !== undefined && { [attribute.httpRoute]: route, [attribute.urlPath]: route }),
    ...(address !== undefined && address !== '' && { [attribute.serverAddress]: address }),
    ...(port !== undefined && { [attribute.serverPort]: Number(port) }),
  };
}

const measured = ({
  [attribute.urlPath]: _path,
  [attribute.serverAddress]: _address,
  [attribute.serverPort]: _port,
  ...rest
}: Attributes): Attributes => rest;

/**
 * Without a status, the client has gone, which is not a failure. From 500 on, the service has
 * failed.
 */
function outcomeOf(status: number | undefined): Attributes {
  if (status === undefined) return {};
  return {
    [attribute.httpResponseStatusCode]: status,
    ...(status >= 500 && { [attribute.errorType]: String(status) }),
  };
}
