/** The status and the title of a problem's code. */
export interface ProblemKind {
  readonly status: number;
  /** The same for every occurrence (RFC 9457, 3.1.3). `detail` and the other fields say more. */
  readonly title: string;
  /** Marks a temporary refusal: the same request may succeed after this time. */
  readonly retryAfterSeconds?: number;
}

/** The problems that every service answers with, by code. A service adds those of its domain. */
export const problems = {
  invalid_request: { status: 400, title: 'The request has missing or wrong fields' },
  malformed_json: { status: 400, title: 'The body is not valid JSON' },
  malformed_request: { status: 400, title: 'The request cannot be read' },
  malformed_url: { status: 400, title: 'The URL cannot be decoded' },
  not_authenticated: {
    status: 401,
    title: 'The operator API needs the token of OPS_TOKEN, as Authorization: Bearer TOKEN',
  },
  not_loopback: {
    status: 403,
    title: 'Without OPS_TOKEN the operator API answers only requests to a loopback address',
  },
  not_found: { status: 404, title: 'There is nothing at this address' },
  method_not_allowed: { status: 405, title: 'This address does not support this method' },
  request_timeout: { status: 408, title: 'The request did not arrive in time' },
  request_in_flight: {
    status: 409,
    title: 'A request with this idempotency key is still in progress',
    retryAfterSeconds: 1,
  },
  version_not_reached: {
    status: 409,
    title: 'The version that the request waits for has not been reached yet',
    retryAfterSeconds: 1,
  },
  sealing_off: {
    status: 409,
    title: 'This service stores personal data in plain text, so it can erase nobody',
  },
  version_moved: {
    status: 412,
    title: 'It has changed since the version of If-Match: look at it again',
  },
  body_too_large: { status: 413, title: 'The body is larger than this service accepts' },
  url_too_long: { status: 414, title: 'A part of the path is longer than this service accepts' },
  unsupported_media_type: {
    status: 415,
    title: 'The body must be application/json without a content encoding',
  },
  not_served_here: { status: 421, title: 'This process does not have the role api' },
  idempotency_key_reused: {
    status: 422,
    title: 'This idempotency key was used with a different body: use a new key for a new request',
  },
  precondition_required: { status: 428, title: 'If-Match is missing: send the ETag of what you have seen' },
  rate_limited: { status: 429, title: 'Too many requests' },
  headers_too_large: { status: 431, title: 'The headers are larger than this service accepts' },
  internal_error: {
    status: 500,
    title: 'The request failed inside the service; search the log for its correlation id to find the reason',
  },
  overloaded: { status: 503, title: 'The service has too many requests in flight', retryAfterSeconds: 1 },
  temporarily_unavailable: {
    status: 503,
    title: 'The service cannot do this right now; try again shortly',
    retryAfterSeconds: 1,
  },
  too_many_live_events: {
    status: 503,
    title: 'The service cannot send live events to any more clients',
    retryAfterSeconds: 5,
  },
  too_many_waits: {
    status: 503,
    title: 'The service cannot keep any more requests waiting',
    retryAfterSeconds: 1,
  },
} as const satisfies Readonly<Record<string, ProblemKind>>;

export type ProblemCode = keyof typeof problems;

const problemKind = (code: ProblemCode): ProblemKind => problems[code];

/** One thing that is wrong with a request. `field` is written as in code: `lines[0].quantity`. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
}

/** RFC 9457 problem details. `code` is stable and for programs; `title` is for people. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail?: string;
  readonly errors?: readonly FieldError[];
  readonly [extra: string]: unknown;
}

/** Fields of a problem other than those that its code determines. They contain nothing private. */
export type ProblemFields = Readonly<Record<string, unknown>> & Partial<Pick<Problem, 'detail' | 'errors'>>;

export type ProblemHeaders = Readonly<Record<string, string>>;

export interface ProblemOptions extends ErrorOptions {
  readonly headers?: ProblemHeaders;
  /**
   * Declares that the refusal is temporary: the same request may succeed after this time. The
   * answer says so in `Retry-After`, and it is not kept under an idempotency key.
   */
  readonly retryAfterSeconds?: number | undefined;
}

/**
 * A refusal that the caller can act on:
 * `throw new ProblemError(409, 'insufficient_funds', 'Not enough money', { balance })`.
 * The service answers it as `application/problem+json` of type `/problems/CODE`.
 */
export class ProblemError extends Error {
  readonly problem: Problem;
  readonly code: string;
  /** Headers of the answer, such as `retry-after`. */
  readonly headers: ProblemHeaders;
  /** Whether the same request may succeed a moment later. */
  readonly passes: boolean;

  constructor(
    status: number,
    code: string,
    title: string,
    fields: ProblemFields = {},
    { headers = {}, retryAfterSeconds, ...options }: ProblemOptions = {},
  ) {
    super(title, options);
    this.name = 'ProblemError';
    this.code = code;
    this.passes = retryAfterSeconds !== undefined;
    this.headers = this.passes ? { 'retry-after': String(retryAfterSeconds), ...headers } : headers;
    this.problem = { ...fields, ...problemOfKind(status, code, title) };
  }
}

/**
 * A 404 with a code of the service's own: `throw notFound('unknown_room', 'There is no such
 * room')`.
 */
export const notFound = (code: string, title: string): ProblemError => new ProblemError(404, code, title);

/**
 * A refusal of the chassis itself, with the status and the title that the catalogue has for its
 * code.
 */
export function refusal(code: ProblemCode, fields: ProblemFields = {}): ProblemError {
  const { status, title, retryAfterSeconds } = problemKind(code);
  return new ProblemError(status, code, title, fields, { retryAfterSeconds });
}

/**
 * Returns a refusal of the chassis as plain data, for an answer that does not come from a
 * controller.
 */
export function problem(code: ProblemCode, fields: ProblemFields = {}): Problem {
  const { status, title } = problemKind(code);
  return { ...fields, ...problemOfKind(status, code, title) };
}

/** A problem (RFC 9457) of type `/problems/CODE`, without details. */
export const problemOfKind = (status: number, code: string, title: string): Problem => ({
  type: `/problems/${code}`,
  title,
  status,
  code,
});
