import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { retryingTransaction } from '@millrace/event-sourcing';
import { type SqlDatabase } from '@millrace/streaming-core/postgres';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { from, lastValueFrom } from 'rxjs';
import { inRequestTransaction } from '../../database/request-transaction.ts';
import { ProblemError } from '../problems/problem.ts';
import { problemBody, problemType } from '../problems/problem-answers.ts';
import { refuseUnacceptable } from '../problems/validation.pipe.ts';
import { readIdempotencyKey, identityOf, type RequestIdentity, isRepeatable } from './idempotency-key.ts';
import { claim, keep, type Answer } from './kept-answers.ts';

/**
 * Makes every POST with an `Idempotency-Key` take effect once, and gives its repetitions the same
 * answer for 24 hours (draft-ietf-httpapi-idempotency-key-header). The handler's work and the kept
 * answer share one transaction, which everything that the handler does joins. After a conflict, the
 * whole transaction is repeated. A request without the header is not affected, nor is a `Repeatable`
 * handler.
 */
export const idempotencyInterceptor = (database: SqlDatabase): NestInterceptor<unknown, unknown> => ({
  intercept(context, next) {
    if (context.getType() !== 'http' || isRepeatable(context.getHandler())) return next.handle();
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const header = request.headers['idempotency-key'];
    if (request.method !== 'POST' || header === undefined) return next.handle();
    return from(answerOnce(database, identify(String(header), request), context, next));
  },
});

async function answerOnce(
  database: SqlDatabase,
  identity: RequestIdentity,
  context: ExecutionContext,
  next: CallHandler<unknown>,
): Promise<string> {
  const reply = context.switchToHttp().getResponse<FastifyReply>();
  const handle = () => lastValueFrom(next.handle(), { defaultValue: undefined });
  try {
    return send(reply, await once(database, identity, recorder(reply, handle)));
  } catch (error) {
    if (!isDecision(error)) throw error;
    // Everything that the handler wrote before the refusal is rolled back. Only the decision is
    // kept.
    const { url } = context.switchToHttp().getRequest<FastifyRequest>();
    return send(reply, await once(database, identity, () => Promise.resolve(refused(error, url))));
  }
}

type KeptAnswer = Answer & { readonly replayed: boolean };

const once = (
  database: SqlDatabase,
  identity: RequestIdentity,
  work: () => Promise<Answer>,
): Promise<KeptAnswer> =>
  retryingTransaction(database, async (transaction, attempt) => {
    const known = await claim(transaction, identity);
    if (known !== undefined) return { ...known, replayed: true };
    const commit = transaction.keepOpen();
    const answer = await inRequestTransaction({ transaction, attempt }, work);
    const { answers } = await keep(transaction, identity, answer);
    commit();
    await answers;
    return { ...answer, replayed: false };
  });

function identify(header: string, { method, routeOptions, params, body }: FastifyRequest): RequestIdentity {
  const key = readIdempotencyKey(header);
  refuseUnacceptable(body, undefined, 'body');
  return identityOf({ route: `${method} ${routeOptions.url ?? ''}`, parameters: params, key, body });
}

/**
 * Records the handler's answer, with the headers that the handler sets itself. The handler may run
 * again, so traces of an earlier attempt are removed.
 */
function recorder(reply: FastifyReply, handle: () => Promise<unknown>): () => Promise<Answer> {
  const status = reply.statusCode;
  const given = new Set(Object.keys(reply.getHeaders()));
  const ownHeaders = () => Object.entries(reply.getHeaders()).filter(([name]) => !given.has(name));
  return async () => {
    for (const [name] of ownHeaders()) reply.removeHeader(name);
    reply.status(status);
    const result = await handle();
    const headers = Object.fromEntries(ownHeaders().map(([name, value]) => [name, String(value)]));
    const body = result === undefined ? '' : JSON.stringify(result);
    return {
      status: reply.statusCode,
      headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
      body,
    };
  };
}

/**
 * The statuses of errors in the request itself, its `If-Match` included, and of temporary errors.
 * The same request, corrected or sent later, may still succeed.
 */
const undecided: ReadonlySet<number> = new Set([400, 401, 403, 408, 412, 425, 428, 429]);
/**
 * The code of a refusal of the key itself. Such a refusal is not the answer to the request that
 * holds the key.
 */
const keyReused = 'idempotency_key_reused';

const isDecision = (error: unknown): error is ProblemError =>
  error instanceof ProblemError &&
  error.problem.status < 500 &&
  !undecided.has(error.problem.status) &&
  !error.passes &&
  error.code !== keyReused;

const refused = ({ problem, headers }: ProblemError, url: string): Answer => ({
  status: problem.status,
  headers: { 'content-type': problemType, ...headers },
  body: problemBody(problem, url),
});

function send(reply: FastifyReply, { status, headers, body, replayed }: KeptAnswer): string {
  void reply.status(status).headers(headers);
  if (replayed) void reply.header('idempotent-replayed', 'true');
  return body;
}
