import type { FastifyInstance, FastifyRequest } from 'fastify';
import { runInContext, type RequestContext } from '../logging/request-context.ts';

const acceptable = /^[A-Za-z0-9._:-]{1,128}$/;
const contexts = new WeakMap<FastifyRequest, RequestContext>();

/**
 * Gives each request a correlation id, the caller's own `X-Correlation-Id` where it is 1 to 128 letters, digits or `._:-`, and answers
 * with it. Everything that the request causes carries it on.
 */
export function correlateRequests(fastify: FastifyInstance, newId: () => string): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    const given = request.headers['x-correlation-id'];
    const correlationId = typeof given === 'string' && acceptable.test(given) ? given : newId();
    const context = { correlationId, causationId: newId() };
    contexts.set(request, context);
    void reply.header('x-correlation-id', correlationId);
    runInContext(context, done);
  });
  // Reading a body continues on the socket's own async resource, which knows nothing of the context: enter it again, by now with
  // the order that the path names as `:orderId`.
  fastify.addHook('preValidation', (request, _reply, done) => {
    const context = contexts.get(request);
    if (context === undefined) return done();
    const { orderId } = (request.params ?? {}) as { orderId?: unknown };
    runInContext(typeof orderId === 'string' ? { ...context, orderId } : context, done);
  });
}
