/** The errors that a service fails with, by code. */
export const serviceErrors = {
  invalid_config: 'Settings are missing, wrong or contradictory',
  database_unreachable: 'The database does not answer or refuses the connection',
  migrations_missing: 'The database lacks tables that the setup step creates',
  foreign_keys: 'The personal data of the service were sealed with the keys of another database',
  inbox_retention_too_short: 'The inbox would forget a message that can still be delivered again',
  invalid_handlers: 'The message handlers of the service contradict each other',
  read_model_mismatch: 'A table differs from its read model: one was changed without the other',
  projection_row_missing: 'A projection changed a row that does not exist: its rows do not match its events',
} as const;

export type ServiceErrorCode = keyof typeof serviceErrors;

/** The message says exactly what is wrong and what to do about it. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly code: ServiceErrorCode;

  constructor(code: ServiceErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

interface ProblemKind {
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

export const problemKind = (code: ProblemCode): ProblemKind => problems[code];
