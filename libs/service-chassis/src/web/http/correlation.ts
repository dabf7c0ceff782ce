import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { resumeTrace, traceOf } from '@millrace/streaming-core/contract';
import {
  subjectOf,
  type LogSubject,
  runInContext,
  type RequestContext,
} from '../../ground/logging/request-context.ts';
import {
  beginRequest,
  endRequest,
  requestReport,
  type RequestReport,
} from '../../observability/telemetry/reports.ts';

const acceptable = /^[A-Za-z0-9._:-]{1,128}$/;
const requests = new WeakMap<
  FastifyRequest,
  { readonly context: RequestContext; readonly report: RequestReport }
>();

/**
 * Gives each request a correlation id and returns it in the answer. The id is the caller's
 * `X-Correlation-Id` if that has 1 to 128 letters, digits or `._:-`. Everything that the request
 * causes carries it on.
 */
export function correlateRequests(fastify: FastifyInstance, logSubject: LogSubject): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    const given = request.headers['x-correlation-id'];
    const correlationId = typeof given === 'string' && acceptable.test(given) ? given : randomUUID();
    void reply.header('x-correlation-id', correlationId);
    const report = requestReport(request, correlationId);
    beginRequest(report, () => {
      const context = { correlationId, causationId: randomUUID(), ...traceOf(report) };
      requests.set(request, { context, report });
      runInContext(context, done);
    });
  });
  // Reading a body continues on the socket's own async resource, which does not have the context.
  // This hook enters the context again, now with the log subject that the path may name.
  fastify.addHook('preValidation', (request, _reply, done) => {
    const found = requests.get(request);
    if (found === undefined) return done();
    const parameters = (request.params ?? {}) as Readonly<Record<string, unknown>>;
    const context = { ...found.context, ...subjectOf(logSubject, parameters) };
    resumeTrace(found.report, () => runInContext(context, done));
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    end(request, reply.statusCode);
    done();
  });
  fastify.addHook('onRequestAbort', (request, done) => {
    end(request);
    done();
  });
}

/**
 * Reports the end of a request: it was answered or abandoned by its client, whichever came first.
 */
function end(request: FastifyRequest, status?: number): void {
  const found = requests.get(request);
  if (found === undefined) return;
  requests.delete(request);
  endRequest(found.report, status);
}
