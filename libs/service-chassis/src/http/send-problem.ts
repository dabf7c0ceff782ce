import type { FastifyReply } from 'fastify';
import type { Problem } from './problem.ts';

/** Answers with a problem as RFC 9457 wants it; `instance` is the path that was asked for. */
export function sendProblem(reply: FastifyReply, problem: Problem, url: string): void {
  void reply
    .status(problem.status)
    .header('content-type', 'application/problem+json; charset=utf-8')
    .send(JSON.stringify({ ...problem, instance: pathOf(url) }));
}

/** Without the query: it may hold an e-mail address. */
export const pathOf = (url: string): string => url.split('?', 1)[0] ?? url;
