import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '@millrace/streaming-core/runtime';
import { problem } from '../problems/problem.ts';
import { sendProblem } from '../problems/problem-answers.ts';

interface RateLimits {
  /** The limit for all callers together; 0 means no limit. */
  readonly perSecond: number;
  /** The limit for each address; 0 means no limit. */
  readonly perClientAndSecond: number;
  /** The number of addresses to remember. Above it, the least recently seen one is forgotten. */
  readonly clientsMax?: number;
}

interface RateLimit {
  /**
   * Takes one request and returns 0. If there is no room it takes nothing and returns the
   * milliseconds until there is.
   */
  take(client: string, nowMs: number): number;
}

/**
 * Limits rates with token buckets that hold one second's worth. Each bucket is one number: the
 * moment at which it is full again (GCRA, ITU-T I.371). Refused requests take nothing, so a caller
 * that keeps trying is served at the permitted rate.
 */
export function rateLimit({ perSecond, perClientAndSecond, clientsMax = 10_000 }: RateLimits): RateLimit {
  const clients = new Map<string, number>();
  let everybody = 0;

  return {
    take(client, nowMs) {
      const own = after(clients.get(client) ?? 0, nowMs, perClientAndSecond);
      const all = after(everybody, nowMs, perSecond);
      const waitMs = Math.max(own, all) - nowMs - 1_000;
      if (waitMs > 0) return waitMs;
      everybody = all;
      if (perClientAndSecond > 0) remember(client, own);
      return 0;
    },
  };

  function remember(client: string, fullAt: number): void {
    clients.delete(client); // moves the address to the end of the map, which is ordered by last use
    clients.set(client, fullAt);
    const [quietest] = clients.keys();
    if (clients.size > clientsMax && quietest !== undefined) clients.delete(quietest);
  }
}

/** Returns when the bucket is full again if one more request is taken now. */
const after = (fullAt: number, nowMs: number, perSecond: number): number =>
  perSecond === 0 ? nowMs : Math.max(fullAt, nowMs) + 1_000 / perSecond;

/**
 * Identifies a caller by its address. For IPv6 this is the first 64 bits, since one host may use
 * all the rest.
 */
export const clientOf = (address: string): string =>
  address.includes(':') && !address.includes('.') ? firstHalf(address) : address;

function firstHalf(address: string): string {
  const [head = '', tail] = address.split('::');
  const groups = head.split(':').filter((group) => group !== '');
  const missing =
    tail === undefined ? 0 : 8 - groups.length - tail.split(':').filter((group) => group !== '').length;
  const all = [...groups, ...Array.from({ length: missing }, () => '0'), ...(tail ?? '').split(':')];
  return all.slice(0, 4).join(':');
}

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
