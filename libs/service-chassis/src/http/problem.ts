/** One thing that is wrong with a request. `field` as a programmer would write it: `lines[0].quantity`. */
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

export const problem = (status: number, code: string, title: string): Problem => ({
  type: `/problems/${code}`,
  title,
  status,
  code,
});

export interface ProblemOptions extends ErrorOptions {
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * A refusal that the caller can act on: `throw new ProblemError(409, 'insufficient_funds', 'The balance does not cover this', { balance })`.
 * Answered as `application/problem+json` of type `/problems/CODE`; `extra` becomes fields of the body, so it holds nothing private.
 */
export class ProblemError extends Error {
  readonly problem: Problem;
  readonly code: string;
  /** Answered with it, such as `retry-after`. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    title: string,
    extra: Readonly<Record<string, unknown>> = {},
    { headers = {}, ...options }: ProblemOptions = {},
  ) {
    super(title, options);
    this.name = 'ProblemError';
    this.code = code;
    this.headers = headers;
    this.problem = { ...extra, ...problem(status, code, title) };
  }
}

export const notFound = (code: string, title: string): ProblemError => new ProblemError(404, code, title);
