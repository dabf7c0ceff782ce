import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from '@millrace/streaming-core/contract';
import type { Metrics } from '../metrics/metrics.ts';
import { correlateRequests } from './correlation.ts';
import { problemOf } from './problem-of.ts';
import { sendProblem } from './send-problem.ts';

export interface FastifyOptions {
  readonly bodyBytesMax: number;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly newId: () => string;
}

/** Nest's HTTP platform: JSON bodies only, with a limit; correlated, measured and logged without bodies or queries. */
export function createFastify({ bodyBytesMax, logger, metrics, newId }: FastifyOptions): FastifyAdapter {
  const adapter = new FastifyAdapter({
    bodyLimit: bodyBytesMax,
    requestTimeout: 30_000,
    keepAliveTimeout: 5_000,
    routerOptions: { maxParamLength: 256 },
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => sendProblem(reply, problemOf(error), request.url), // before any hook or filter
    return503OnClosing: false, // a request that reached us while we drain is still answered
  });
  const fastify = adapter.getInstance<FastifyInstance>();
  fastify.removeContentTypeParser('text/plain');
  correlateRequests(fastify, newId);
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
