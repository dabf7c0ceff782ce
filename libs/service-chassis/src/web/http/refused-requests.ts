import type { FastifyInstance } from 'fastify';
import type { Role } from '../../ground/config/roles.ts';
import { isAlwaysAdmitted } from './admission.ts';
import { problem } from '../problems/problem.ts';
import { pathOf, sendProblem } from '../problems/problem-answers.ts';

/**
 * In a process without the role `api`, only probes, metrics and docs answer. Every other request
 * gets a 421, since it was sent to the wrong process (RFC 9110, 15.5.20).
 */
export function refuseApi(fastify: FastifyInstance, roles: readonly Role[]): void {
  const detail =
    `This process has the roles ${roles.join(', ')}: send requests to a process of this ` +
    'service with the role api';
  fastify.addHook('onRequest', (request, reply, done) => {
    if (isAlwaysAdmitted(request) || isDocs(pathOf(request.url))) return done();
    sendProblem(reply, problem('not_served_here', { detail }), request.url);
  });
}

const isDocs = (path: string): boolean => path === '/' || /^\/(docs|problems)(\/|$)/.test(path);

interface Route {
  readonly methods: readonly string[];
  readonly segments: readonly string[];
}

/**
 * Answers 405 instead of 404 for an existing path that does not support the request's method. The
 * answer names the supported methods (RFC 9110, 15.5.6).
 */
export function refuseOtherMethods(fastify: FastifyInstance): void {
  const routes: Route[] = [];
  fastify.addHook('onRoute', ({ method, url }) => {
    if (!url.includes('*')) routes.push({ methods: [method].flat(), segments: url.split('/') });
  });
  fastify.addHook('onRequest', (request, reply, done) => {
    const allowed = request.is404 ? allowedFor(routes, pathOf(request.url)).join(', ') : '';
    if (allowed === '') return done();
    const refused = problem('method_not_allowed', { detail: `This address supports ${allowed}` });
    sendProblem(reply, refused, request.url, { allow: allowed });
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

/**
 * Refuses compressed bodies, because the service does not decode them (RFC 9110, 8.4 and 15.5.16).
 */
export function refuseEncodedBodies(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    const coding = request.headers['content-encoding'];
    if (coding === undefined || coding === 'identity') return done();
    sendProblem(reply, problem('unsupported_media_type'), request.url, { 'accept-encoding': 'identity' });
  });
}
