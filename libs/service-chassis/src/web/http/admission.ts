import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '@millrace/streaming-core/runtime';
import { problem } from '../problems/problem.ts';
import { clientOf, rateLimit, type RateLimits } from './rate-limit.ts';
import { sendProblem } from '../problems/problem-answers.ts';

export interface AdmissionLimits extends RateLimits {
  readonly inFlightMax: number;
}

type Admission = 'always' | 'long-lived';

/**
 * Exempts probes and scrapes from the limits, because they must work while the service is
 * overloaded.
 */
export const AlwaysAdmitted = () => RouteConfig({ admission: 'always' satisfies Admission });

/**
 * Exempts answers that stay open, such as server-sent events, from the limit of requests in flight.
 * They count towards the rate, and limit their own number.
 */
export const LongLived = () => RouteConfig({ admission: 'long-lived' satisfies Admission });

/**
 * Refuses requests over the limits before a body is read: 429 above the rate, 503 above the
 * requests in flight, both with Retry-After. Requests never wait in a queue here.
 */
export function admitRequests(fastify: FastifyInstance, limits: AdmissionLimits, clock: Clock): void {
  const rate = rateLimit(limits);
  let inFlight = 0;
  fastify.addHook('onRequest', (request, reply, done) => {
    const admission = admissionOf(request);
    if (admission === 'always') return done();
    const waitMs = rate.take(clientOf(request.ip), clock.monotonic());
    if (waitMs > 0) return refuse(reply, request, 'rate_limited', waitMs);
    if (admission === 'long-lived') return done();
    if (inFlight >= limits.inFlightMax) return refuse(reply, request, 'overloaded', 1_000);
    inFlight++;
    reply.raw.once('close', () => inFlight--); // answered, or abandoned by the caller
    done();
  });
}

export const isAlwaysAdmitted = (request: FastifyRequest): boolean => admissionOf(request) === 'always';

const admissionOf = ({ routeOptions }: FastifyRequest): Admission | undefined =>
  (routeOptions.config as { readonly admission?: Admission }).admission;

const refuse = (
  reply: FastifyReply,
  { url }: FastifyRequest,
  code: 'rate_limited' | 'overloaded',
  waitMs: number,
): void => sendProblem(reply, problem(code), url, { 'retry-after': String(Math.ceil(waitMs / 1_000)) });
