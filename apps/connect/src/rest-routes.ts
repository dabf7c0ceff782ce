import {
  forwardedHeader,
  restInterface,
  type LogLevels,
  type RestAnswer,
  type RestInterface,
} from '@millrace/connect';
import type { Logger } from '@millrace/streaming-core/runtime';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { RunningWorker } from './running-worker.ts';

const paths = [
  '/',
  '/health',
  '/connectors',
  '/connectors/*',
  '/connector-plugins',
  '/connector-plugins/*',
  '/admin/loggers',
  '/admin/loggers/*',
];

const notStarted: RestAnswer = {
  status: 503,
  body: { error_code: 503, message: 'The worker is starting: it reads its state from the log. Try again.' },
};

export interface RestRoutesOptions {
  readonly running: RunningWorker;
  readonly levels: LogLevels;
  readonly logger: Logger;
}

/** Serves the interface of Kafka's Connect on the app's port. Errors have its form too. */
export function serveRest(fastify: FastifyInstance, { running, levels, logger }: RestRoutesOptions): void {
  let rest: RestInterface | undefined;
  const answerTo = async (request: FastifyRequest): Promise<RestAnswer> => {
    const { worker } = running;
    if (worker === undefined) return notStarted;
    rest ??= restInterface({ worker, levels, logger });
    return rest({
      method: request.method,
      url: request.url,
      body: request.body,
      forwarded: request.headers[forwardedHeader] !== undefined,
    });
  };
  for (const url of paths)
    fastify.route({
      method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
      url,
      handler: async (request, reply) => send(reply, await answerTo(request)),
      errorHandler: ({ statusCode = 500, message }, _request, reply) =>
        send(reply, { status: statusCode, body: { error_code: statusCode, message } }),
    });
}

function send(reply: FastifyReply, { status, body, location }: RestAnswer): FastifyReply {
  if (location !== undefined) reply.header('location', location);
  return reply.code(status).send(body);
}
