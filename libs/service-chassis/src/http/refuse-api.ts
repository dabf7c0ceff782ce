import type { FastifyInstance } from 'fastify';
import type { Role } from '../config/roles.ts';
import { isAlwaysAdmitted } from './admission.ts';
import { problem } from './problem.ts';
import { pathOf, sendProblem } from './send-problem.ts';

/** In a process without the role `api` only probes, metrics and docs answer; all else was sent to the wrong process (RFC 9110, 15.5.20). */
export function refuseApi(fastify: FastifyInstance, roles: readonly Role[]): void {
  const title = `This process has the roles ${roles.join(', ')}: send requests to one of this service with the role api`;
  fastify.addHook('onRequest', (request, reply, done) => {
    if (isAlwaysAdmitted(request) || isDocs(pathOf(request.url))) return done();
    sendProblem(reply, problem(421, 'not_served_here', title), request.url);
  });
}

const isDocs = (path: string): boolean => path === '/docs' || path.startsWith('/docs/');
