import type { FastifyInstance } from 'fastify';
import { problem } from './problem.ts';
import { pathOf, sendProblem } from './send-problem.ts';

interface Route {
  readonly methods: readonly string[];
  readonly segments: readonly string[];
}

/** A path that exists, asked with a method that it does not have, is a 405 that names those that it has (RFC 9110, 15.5.6), no 404. */
export function refuseOtherMethods(fastify: FastifyInstance): void {
  const routes: Route[] = [];
  fastify.addHook('onRoute', ({ method, url }) => {
    if (!url.includes('*')) routes.push({ methods: [method].flat(), segments: url.split('/') });
  });
  fastify.addHook('onRequest', (request, reply, done) => {
    const allowed = request.is404 ? allowedFor(routes, pathOf(request.url)) : [];
    if (allowed.length === 0) return done();
    const title = `This address has no such method; it has ${allowed.join(', ')}`;
    sendProblem(reply, problem(405, 'method_not_allowed', title), request.url, { allow: allowed.join(', ') });
  });
}

function allowedFor(routes: readonly Route[], path: string): readonly string[] {
  const asked = path.split('/');
  const fitting = routes.filter(({ segments }) => fits(segments, asked));
  return [...new Set(fitting.flatMap(({ methods }) => methods))].sort();
}

const fits = (segments: readonly string[], asked: readonly string[]): boolean =>
  segments.length === asked.length &&
  segments.every((segment, index) =>
    segment.startsWith(':') ? asked[index] !== '' : segment === asked[index],
  );
