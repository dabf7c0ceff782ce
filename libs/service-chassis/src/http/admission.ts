import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '@millrace/streaming-core/runtime';
import { problem } from './problem.ts';
import { clientOf, rateLimit, type RateLimits } from './rate-limit.ts';
import { sendProblem } from './send-problem.ts';

export interface AdmissionLimits extends RateLimits {
  readonly inFlightMax: number;
}

type Admission = 'always' | 'long-lived';

/** For probes and scrapes: whoever watches an overloaded service must see it. */
export const AlwaysAdmitted = () => RouteConfig({ admission: 'always' satisfies Admission });

/** For answers that go on, such as server-sent events: they count for the rate, and bound themselves how many there are at once. */
export const LongLived = () => RouteConfig({ admission: 'long-lived' satisfies Admission });

/**
 * Refuses what is too much, before a body is read: 429 beyond the rate, 503 beyond the requests in flight, both with Retry-After. Nothing
 * waits in a queue of ours.
 */
export function admitRequests(fastify: FastifyInstance, limits: AdmissionLimits, clock: Clock): void {
  const rate = rateLimit(limits);
  let inFlight = 0;
  fastify.addHook('onRequest', (request, reply, done) => {
    const admission = admissionOf(request);
    if (admission === 'always') return done();
    const waitMs = rate.take(clientOf(request.ip), clock.monotonic());
    if (waitMs > 0)
      return refuse(reply, request, {
        status: 429,
        code: 'rate_limited',
        title: 'Too many requests',
        waitMs,
      });
    if (admission === 'long-lived') return done();
    if (inFlight >= limits.inFlightMax)
      return refuse(reply, request, {
        status: 503,
        code: 'overloaded',
        title: 'The service has too much to do',
        waitMs: 1_000,
      });
    inFlight++;
    reply.raw.once('close', () => inFlight--); // answered, or given up by the caller
    done();
  });
}

export const isAlwaysAdmitted = (request: FastifyRequest): boolean => admissionOf(request) === 'always';

const admissionOf = ({ routeOptions }: FastifyRequest): Admission | undefined =>
  (routeOptions.config as { readonly admission?: Admission }).admission;

interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly waitMs: number;
}

const refuse = (
  reply: FastifyReply,
  { url }: FastifyRequest,
  { status, code, title, waitMs }: Refusal,
): void =>
  sendProblem(reply, problem(status, code, title), url, { 'retry-after': String(Math.ceil(waitMs / 1_000)) });
