import type { FastifyReply } from 'fastify';
import type { Problem } from './problem.ts';

export const problemType = 'application/problem+json; charset=utf-8';

/** The body of a problem as RFC 9457 wants it; `instance` is the path that was asked for. */
export const problemBody = (problem: Problem, url: string): string =>
  JSON.stringify({ ...problem, instance: pathOf(url) });

/** Answers with a problem. What passes by itself says when to ask again. */
export function sendProblem(
  reply: FastifyReply,
  problem: Problem,
  url: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  const again = problem.status === 429 || problem.status === 503 ? { 'retry-after': '1' } : {};
  void reply
    .status(problem.status)
    .headers({ 'content-type': problemType, ...again, ...headers })
    .send(problemBody(problem, url));
}

/** Without the query: it may hold an e-mail address. */
export const pathOf = (url: string): string => url.split('?', 1)[0] ?? url;
