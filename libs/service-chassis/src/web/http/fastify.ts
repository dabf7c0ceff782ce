import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { systemClock, type Logger } from '@millrace/streaming-core/runtime';
import type { Role } from '../../ground/config/roles.ts';
import type { LogSubject } from '../../ground/logging/request-context.ts';
import type { Metrics } from '../../observability/metrics/metrics.ts';
import { admitRequests, type AdmissionLimits } from './admission.ts';
import { limitBodies } from './body-limit.ts';
import { correlateRequests } from './correlation.ts';
import type { Problem, ProblemHeaders } from '../problems/problem.ts';
import { answerUnreadable, problemOf, sendProblem } from '../problems/problem-answers.ts';
import { refuseApi, refuseEncodedBodies, refuseOtherMethods } from './refused-requests.ts';

interface HttpLimits extends AdmissionLimits {
  readonly bodyBytesMax: number;
  readonly headerBytesMax: number;
}

/** Why a request is refused whatever it asks for. */
interface Refusal {
  readonly problem: Problem;
  readonly headers?: ProblemHeaders;
}

export type RequestGuard = (request: FastifyRequest) => Refusal | undefined;

interface FastifyOptions {
  readonly limits: HttpLimits;
  readonly roles: readonly Role[];
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, 'observeRequest'>;
  readonly logSubject: LogSubject;
  /** Refuses requests before anything else is said about them. By default none. */
  readonly guard?: RequestGuard;
}

/**
 * Nest's HTTP platform. It accepts JSON bodies only and enforces the limits. Requests are
 * correlated, measured and logged without bodies or queries.
 */
export function createFastify({
  limits,
  roles,
  logger,
  metrics,
  logSubject,
  guard = () => undefined,
}: FastifyOptions): FastifyAdapter {
  const adapter = new FastifyAdapter({
    bodyLimit: limits.bodyBytesMax,
    http: { maxHeaderSize: limits.headerBytesMax },
    clientErrorHandler: answerUnreadable,
    requestTimeout: 30_000,
    keepAliveTimeout: 5_000,
    routerOptions: { maxParamLength: 256 },
    // Fastify reports these errors before any hook or filter runs.
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      const { problem, headers } = guard(request) ?? { problem: problemOf(error) };
      sendProblem(reply, problem, request.url, headers);
    },
    return503OnClosing: false, // requests that arrive while the service drains are still answered
  });
  const fastify = adapter.getInstance<FastifyInstance>();
  fastify.removeContentTypeParser('text/plain');
  takeEmptyBodies(fastify);
  limitBodies(fastify);
  correlateRequests(fastify, logSubject);
  fastify.addHook('onRequest', (request, reply, done) => {
    const refusal = guard(request);
    if (refusal === undefined) return done();
    sendProblem(reply, refusal.problem, request.url, refusal.headers);
  });
  if (!roles.includes('api')) refuseApi(fastify, roles);
  admitRequests(fastify, limits, systemClock);
  refuseOtherMethods(fastify);
  refuseEncodedBodies(fastify);
  fastify.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unknown';
    const { statusCode: status, elapsedTime: durationMs } = reply;
    metrics.observeRequest({ method: request.method, route, status, durationMs });
    const fields = { method: request.method, route, status, durationMs: Math.round(durationMs * 10) / 10 };
    if (request.method === 'GET') logger.debug(fields, 'answered');
    else logger.info(fields, 'answered');
    done();
  });
  return adapter;
}

/**
 * Accepts an empty body, because many clients send the content type of JSON with every request. A
 * call that needs a body names the missing fields itself.
 */
function takeEmptyBodies(fastify: FastifyInstance): void {
  const parse = fastify.getDefaultJsonParser('error', 'error');
  fastify.removeContentTypeParser('application/json');
  fastify.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined);
    else void parse(request, body, done);
  });
}

/**
 * Lets pages from these origins call the service from a browser and read the headers of its answers
 * (the CORS protocol of the Fetch Standard). Without origins, no answer has CORS headers and
 * browsers refuse such calls.
 */
export function allowOrigins(app: NestFastifyApplication, origins: readonly string[]): void {
  if (origins.length === 0) return;
  app.enableCors({
    origin: [...origins],
    methods: ['GET', 'POST', 'PUT'],
    allowedHeaders: ['content-type', 'idempotency-key', 'last-event-id', 'x-correlation-id', 'traceparent'],
    exposedHeaders: ['location', 'retry-after', 'idempotent-replayed', 'x-correlation-id'],
    maxAge: 600,
  });
}
