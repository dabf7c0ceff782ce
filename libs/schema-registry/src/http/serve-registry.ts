import { ClientError } from '@millrace/streaming-core/client';
import { systemClock, type Logger } from '@millrace/streaming-core/runtime';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { RegistryError } from '../errors.ts';
import { registryLimits, type Registry } from '../registry.ts';
import type { SchemaStore } from '../store/schema-store.ts';
import type { Asked } from './asked.ts';
import { byLeader, forwardHeader, type LeaderAnswer, type RawRequest } from './leader-calls.ts';
import { registryRoutes, type RegistryIdentity, type Route } from './routes.ts';

const ownType = 'application/vnd.schemaregistry.v1+json';
const acceptedTypes = [
  ownType,
  'application/vnd.schemaregistry+json',
  'application/json',
  'application/octet-stream',
];

export interface ServedRegistry {
  readonly registry: Registry;
  readonly store: SchemaStore;
  readonly identity: RegistryIdentity;
  readonly logger: Logger;
}

/** Adds the routes of the registry, with its content types and errors, to a server. */
export async function serveRegistry(fastify: FastifyInstance, served: ServedRegistry): Promise<void> {
  await fastify.register((routes, _options, done) => {
    takeBodies(routes);
    routes.setErrorHandler((error, _request, reply) => {
      const { code, status, message } = errorOf(error);
      if (status >= 500) served.logger.error({ error }, 'the registry could not answer');
      return send(reply.status(status), JSON.stringify({ error_code: code, message }));
    });
    for (const route of registryRoutes(served.registry, served.identity)) addRoute(routes, route, served);
    done();
  });
}

/**
 * Accepts JSON under each of the content types. The limit of a body leaves room for a schema whose quotes are
 * escaped.
 */
function takeBodies(routes: FastifyInstance): void {
  routes.removeContentTypeParser(['application/json']);
  routes.addContentTypeParser<string>(
    [...acceptedTypes],
    { parseAs: 'string', bodyLimit: 2 * registryLimits.schemaBytesMax },
    (_request, body, done) => {
      try {
        done(null, body === '' ? undefined : JSON.parse(body));
      } catch (error) {
        done(new RegistryError('malformed', `The body is not JSON: ${(error as Error).message}`));
      }
    },
  );
}

function addRoute(routes: FastifyInstance, route: Route, { store }: ServedRegistry): void {
  routes.route({
    method: route.method,
    url: route.path,
    bodyLimit: 2 * registryLimits.schemaBytesMax,
    handler: async (request, reply) => {
      const asked: Asked = {
        params: request.params as Asked['params'],
        query: request.query as Asked['query'],
        body: request.body,
      };
      reply.type(typeFor(request));
      const known = route.known?.(asked);
      if (known !== undefined) return send(reply, JSON.stringify(known));
      if (!route.changes) return send(reply, textOf(await route.answer(asked)));
      const change = async () => ({ status: 200, body: textOf(await route.answer(asked)) });
      const answer: LeaderAnswer = await byLeader(store, rawRequest(request), { clock: systemClock, change });
      return send(reply.status(answer.status), answer.body);
    },
  });
}

/** The text of a schema is answered unchanged, and everything else as JSON. */
const textOf = (answer: unknown): string => (typeof answer === 'string' ? answer : JSON.stringify(answer));

const typeFor = ({ headers }: FastifyRequest): string => {
  const { accept = '' } = headers;
  return accept.includes('application/json') && !accept.includes('schemaregistry')
    ? 'application/json'
    : ownType;
};

const rawRequest = ({ method, url, body, headers }: FastifyRequest): RawRequest => ({
  method,
  url,
  body,
  authorization: headers.authorization,
  isForwarded: headers[forwardHeader] !== undefined,
});

/** Sends bytes, since Fastify adds a charset to the content type of a text. */
const send = (reply: FastifyReply, body: string): FastifyReply =>
  (reply.hasHeader('content-type') ? reply : reply.type(ownType)).send(Buffer.from(body));

interface ErrorAnswer {
  readonly code: number;
  readonly status: number;
  readonly message: string;
}

function errorOf(error: unknown): ErrorAnswer {
  if (error instanceof RegistryError) return error;
  if (error instanceof ClientError)
    return new RegistryError(error.code === 'timeout' ? 'timeout' : 'store', `The log: ${error.message}`);
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  if (status < 500) return { code: status, status, message: (error as Error).message };
  return { code: 50001, status: 500, message: 'Error in the registry' };
}
