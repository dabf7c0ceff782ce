import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { Catch, HttpException, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { throwError, type Observable } from 'rxjs';
import { AllEventsSent, RefusedRead } from '@millrace/read-models/errors';
import { RetryLog, systemClock, type Logger } from '@millrace/streaming-core/runtime';
import { LOGGER } from '../../ground/logging/logger.ts';
import {
  problem,
  ProblemError,
  problemOfKind,
  refusal,
  type Problem,
  type ProblemHeaders,
} from './problem.ts';

export const problemType = 'application/problem+json; charset=utf-8';

/** The body of a problem in the form of RFC 9457. `instance` is the requested path. */
export const problemBody = (problem: Problem, url: string): string =>
  JSON.stringify({ ...problem, instance: pathOf(url) });

/** Removes the query, which may contain an e-mail address. */
export const pathOf = (url: string): string => url.split('?', 1)[0] ?? url;

/** Answers with a problem. A temporary one says in `Retry-After` when to try again. */
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
 * Answers every error of an HTTP request with `application/problem+json`. An error of a message
 * passes unchanged to the consumer runtime: Nest would replace it with "Internal server error", and
 * the runtime could no longer tell what to retry.
 */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  /** Logs an outage once and counts the rest, because it fails every request. */
  readonly #outages: RetryLog;

  constructor(@Inject(LOGGER) private readonly logger: Logger) {
    this.#outages = new RetryLog({ clock: systemClock, logger });
  }

  catch(thrown: unknown, host: ArgumentsHost): Observable<never> | void {
    if (host.getType() !== 'http') return throwError(() => thrown);
    const error = thrown instanceof RefusedRead ? refusal(thrown.code, thrown.fields) : thrown;
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    if (error instanceof AllEventsSent) return void reply.status(204).send();
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const problem = problemOf(error);
    const asked = { method: request.method, path: pathOf(request.url) };
    if (problem === unavailable) this.#outages.failed(error, 'a request failed and can be repeated', asked);
    else if (problem.status >= 500) this.logger.error({ err: error, ...asked }, 'a request failed');
    if (!reply.sent)
      sendProblem(reply, problem, request.url, error instanceof ProblemError ? error.headers : {});
  }
}

const malformedJson = problem('malformed_json');
const unavailable = problem('temporarily_unavailable');

/**
 * Errors that Fastify detects before any handler runs.
 * https://fastify.dev/docs/latest/Reference/Errors/
 */
const byFastifyCode: Readonly<Record<string, Problem>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: malformedJson,
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: problem('malformed_request', {
    detail: 'The length of the body differs from Content-Length',
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

/**
 * Codes after which the caller can retry: the database is unreachable or overloaded, the
 * transaction must be repeated, or the stores of a stream application are being restored.
 */
const passingCode =
  /^(08...|57P0[123]|53[0-4]00|40001|40P01|25P0[34]|57014|55P03|wrong_expected_version|keys_unavailable|not_running|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EPIPE)$/;
/** Errors that the driver reports without a code. TypeORM puts `Error: ` in front. */
const passingMessage =
  /^(?:Error: )?(Connection terminated|Query read timeout|timeout exceeded when trying to connect|Client has encountered a connection error)/;

/**
 * Returns the problem that a caller sees for an error. An error that is not meant for callers
 * becomes a 500 that reveals nothing internal.
 */
export function problemOf(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  // Nest wraps errors that Fastify finds
  const origin = error instanceof HttpException && error.cause !== undefined ? error.cause : error;
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

/**
 * Answers bytes that node cannot read as a request. It writes a problem to the bare socket and
 * closes the connection.
 */
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
