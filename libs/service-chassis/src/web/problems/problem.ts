import { problemKind, type ProblemCode } from '../../ground/errors.ts';

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

export const problemOfKind = (status: number, code: string, title: string): Problem => ({
  type: `/problems/${code}`,
  title,
  status,
  code,
});
