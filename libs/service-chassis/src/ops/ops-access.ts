import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { isLoopback, type OpsConfig } from '../ground/config/ops-settings.ts';
import type { RequestGuard } from '../web/http/fastify.ts';
import { idempotencyKeyHeader } from '../web/idempotency/idempotency-key.ts';
import { problem } from '../web/problems/problem.ts';
import { sendProblem } from '../web/problems/problem-answers.ts';

/** The problem codes of `opsGuard`, by status. */
export const opsRefusals = { 401: ['not_authenticated'], 403: ['not_loopback'] } as const;

/**
 * Refuses requests that do not come from an operator, before any other answer:
 *
 * - With a token, those that do not carry it. The comparison takes the same time for every token.
 * - Without a token, those to another name than that of this machine. A web page whose name
 *   suddenly resolves to 127.0.0.1 (DNS rebinding) could send them from an operator's browser.
 */
export const opsGuard =
  ({ opsToken }: Pick<OpsConfig, 'opsToken'>): RequestGuard =>
  ({ hostname, headers }) => {
    if (opsToken === undefined)
      return isLoopback(nameOf(hostname)) ? undefined : { problem: problem('not_loopback') };
    if (carries(headers.authorization, opsToken)) return undefined;
    return { problem: problem('not_authenticated'), headers: { 'www-authenticate': 'Bearer' } };
  };

const nameOf = (hostname: string): string => hostname.replace(/^\[(.*)\]$/, '$1');

const carries = (header: string | undefined, token: string): boolean =>
  timingSafeEqual(digestOf(header ?? ''), digestOf(`Bearer ${token}`));

const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Refuses a change without a key under which it takes effect once (`idempotencyInterceptor`). */
export function requireIdempotencyKeys(fastify: FastifyInstance): void {
  fastify.addHook('preHandler', (request, reply, done) => {
    if (request.method !== 'POST' || request.headers['idempotency-key']) return done();
    const errors = [{ field: idempotencyKeyHeader, message: 'is missing' }];
    sendProblem(reply, problem('invalid_request', { errors }), request.url);
  });
}
