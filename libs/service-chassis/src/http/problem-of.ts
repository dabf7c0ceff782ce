import { HttpException } from '@nestjs/common';
import { problem, ProblemError, type Problem } from './problem.ts';

const malformedJson = problem(400, 'malformed_json', 'The body is not valid JSON');

/** Faults that Fastify finds before any handler runs. https://fastify.dev/docs/latest/Reference/Errors/ */
const byFastifyCode: Readonly<Record<string, Problem>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: malformedJson,
  FST_ERR_CTP_EMPTY_JSON_BODY: problem(
    400,
    'malformed_json',
    'The body is empty, but its content type says JSON',
  ),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: problem(
    400,
    'malformed_request',
    'The body is not as long as Content-Length says',
  ),
  FST_ERR_CTP_BODY_TOO_LARGE: problem(413, 'body_too_large', 'The body is larger than this service accepts'),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: problem(415, 'unsupported_media_type', 'Send application/json'),
  FST_ERR_BAD_URL: problem(400, 'malformed_url', 'The URL cannot be decoded'),
  FST_ERR_MAX_PARAM_LENGTH: problem(
    414,
    'url_too_long',
    'A part of the path is longer than this service accepts',
  ),
};

const byStatus: Readonly<Record<number, Problem>> = {
  400: problem(400, 'malformed_request', 'The request cannot be read'),
  404: problem(404, 'not_found', 'There is nothing at this address'),
};

/** The database is away, overloaded, or asks for the transaction again: none of it is the caller's fault, and all of it passes. */
const passingCode =
  /^(08...|57P0[123]|53[0-4]00|40001|40P01|25P0[34]|57014|55P03|wrong_expected_version|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EPIPE)$/;
/** What the driver says without a code. */
const passingMessage =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/;

/** What a caller is told about an error. Whatever is not meant for callers becomes a 500 that says nothing of the inside. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  const origin = error instanceof HttpException && error.cause !== undefined ? error.cause : error; // Nest wraps what Fastify finds
  const code = textField(origin, 'code');
  const known = code === undefined ? undefined : byFastifyCode[code];
  if (known !== undefined) return known;
  if (origin instanceof SyntaxError && statusOf(origin) === 400) return malformedJson;
  const status = statusOf(error);
  if (status !== undefined && status >= 400 && status < 500) {
    return (
      byStatus[status] ??
      problem(status, `http_${status}`, error instanceof Error ? error.message : 'The request was refused')
    );
  }
  if (passes(origin, code))
    return problem(503, 'temporarily_unavailable', 'The service cannot do this just now; try again shortly');
  return problem(
    500,
    'internal_error',
    'Something went wrong inside; the correlation id finds it in the log',
  );
}

function statusOf(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  if (
    typeof error === 'object' &&
    error !== null &&
    'statusCode' in error &&
    typeof error.statusCode === 'number'
  )
    return error.statusCode;
  return undefined;
}

const passes = (error: unknown, code: string | undefined): boolean =>
  code === undefined ? error instanceof Error && passingMessage.test(error.message) : passingCode.test(code);

function textField(error: unknown, field: string): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const value = (error as Record<string, unknown>)[field];
  return typeof value === 'string' ? value : undefined;
}
