import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { Catch, HttpException, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { throwError, type Observable } from 'rxjs';
import { RetryLog, systemClock, type Logger } from '@millrace/streaming-core/runtime';
import { LOGGER } from '../logging/logger.ts';
import { problem, ProblemError, problemOfKind, type Problem, type ProblemHeaders } from './problem.ts';

export const problemType = 'application/problem+json; charset=utf-8';

/** The body of a problem as RFC 9457 wants it; `instance` is the path that was asked for. */
export const problemBody = (problem: Problem, url: string): string =>
  JSON.stringify({ ...problem, instance: pathOf(url) });

/** Without the query: it may hold an e-mail address. */
export const pathOf = (url: string): string => url.split('?', 1)[0] ?? url;

/** Answers with a problem. One that passes by itself says when to ask again. */
export function sendProblem(
  reply: FastifyReply,
  problem: Problem,
  url: string,
  headers: ProblemHeaders = {},
): void {
  const passes = problem.status === 429 || problem.status === 503;
  void reply
    .status(problem.status)
    .headers({ 'content-type': problemType, ...(passes && { 'retry-after': '1' }), ...headers })
    .send(problemBody(problem, url));
}

/**
 * Every error of an HTTP request leaves as `application/problem+json`. An error of a message passes
 * unchanged to the consumer runtime: Nest would replace it with "Internal server error", and the
 * runtime could no longer tell what to retry.
 */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  /** An outage fails every request: it is told once, and counted. */
  readonly #outages: RetryLog;

  constructor(@Inject(LOGGER) private readonly logger: Logger) {
    this.#outages = new RetryLog({ clock: systemClock, logger });
  }

  catch(error: unknown, host: ArgumentsHost): Observable<never> | void {
    if (host.getType() !== 'http') return throwError(() => error);
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const problem = problemOf(error);
    const asked = { method: request.method, path: pathOf(request.url) };
    if (problem === unavailable) this.#outages.failed(error, 'a request failed and can be made again', asked);
    else if (problem.status >= 500) this.logger.error({ err: error, ...asked }, 'a request failed');
    if (!reply.sent)
      sendProblem(reply, problem, request.url, error instanceof ProblemError ? error.headers : {});
  }
}

const malformedJson = problem('malformed_json');
const unavailable = problem('temporarily_unavailable');

/** Faults that Fastify finds before any handler runs. https://fastify.dev/docs/latest/Reference/Errors/ */
const byFastifyCode: Readonly<Record<string, Problem>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: malformedJson,
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: problem('malformed_request', {
    detail: 'The body is not as long as Content-Length says',
  }),
  FST_ERR_CTP_BODY_TOO_LARGE: problem('body_too_large'),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: problem('unsupported_media_type'),
  FST_ERR_BAD_URL: problem('malformed_url'),
  FST_ERR_MAX_PARAM_LENGTH: problem('url_too_long'),
};

const byStatus: Readonly<Record<number, Problem>> = {
  400: problem('malformed_request'),
  404: problem('not_found'),
};

/** The database is away, overloaded, or asks for the transaction again: the caller can retry. */
const passingCode =
  /^(08...|57P0[123]|53[0-4]00|40001|40P01|25P0[34]|57014|55P03|wrong_expected_version|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EPIPE)$/;
/** What the driver says without a code. */
const passingMessage =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/;

/** What a caller is told about an error. An error that is not meant for callers becomes a 500 that reveals nothing of the inside. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  const origin = error instanceof HttpException && error.cause !== undefined ? error.cause : error; // Nest wraps what Fastify finds
  const code = textField(origin, 'code');
  const known = code === undefined ? undefined : byFastifyCode[code];
  if (known !== undefined) return known;
  if (origin instanceof SyntaxError && statusOf(origin) === 400) return malformedJson;
  const status = statusOf(error);
  if (status !== undefined && status >= 400 && status < 500) {
    const title = error instanceof Error ? error.message : 'The request was refused';
    return byStatus[status] ?? problemOfKind(status, `http_${status}`, title);
  }
  return passes(origin, code) ? unavailable : problem('internal_error');
}

function statusOf(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return undefined;
  return typeof error.statusCode === 'number' ? error.statusCode : undefined;
}

const passes = (error: unknown, code: string | undefined): boolean =>
  code === undefined ? error instanceof Error && passingMessage.test(error.message) : passingCode.test(code);

function textField(error: unknown, field: string): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const value = (error as Record<string, unknown>)[field];
  return typeof value === 'string' ? value : undefined;
}

const byNodeCode: Readonly<Record<string, Problem>> = {
  ERR_HTTP_REQUEST_TIMEOUT: problem('request_timeout'),
  HPE_HEADER_OVERFLOW: problem('headers_too_large'),
};
const unreadable = problem('malformed_request', { detail: 'This is not an HTTP request' });

/** Answers what node cannot read as a request on the bare socket, with a problem too, and closes the connection. */
export function answerUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const answer = byNodeCode[error.code ?? ''] ?? unreadable;
  const body = JSON.stringify(answer);
  const head = [
    `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status]}`,
    `content-type: ${problemType}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  if (socket.writable) socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  socket.destroySoon();
}
