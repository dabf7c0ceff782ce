import { randomUUID } from 'node:crypto';
import { checkedOrigin } from '@millrace/testing/openapi';

export interface Answer<Body = unknown> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

const timeoutMs = 15_000;

/**
 * Makes one call and resolves to its answer of any status. Rejects without an answer, or with one
 * that the service does not document.
 */
export async function request<Body = unknown>(
  method: string,
  url: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer<Body>> {
  const response = await fetch(url, {
    method,
    signal: AbortSignal.timeout(timeoutMs),
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const { status, headers: answered } = response;
  await checkedOrigin(url)?.({ method, url, status, contentType: answered.get('content-type'), body: text });
  const isJson = /\bjson\b/.test(response.headers.get('content-type') ?? '') && text !== '';
  return {
    status: response.status,
    headers: response.headers,
    body: (isJson ? JSON.parse(text) : text) as Body,
  };
}

const retryMsMax = 60_000;
const retryDelayMs = 50;
/** Statuses of a service that is overloaded or down for the moment. */
const passing: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/**
 * Makes one call that has to succeed and rejects with the problem if it does not. The call is
 * repeated while the service is down or when its answer is lost. All repetitions of a POST carry
 * the same idempotency key, so it takes effect once.
 */
export async function ask<Body>(
  method: string,
  url: string,
  body?: unknown,
  others: Readonly<Record<string, string>> = {},
): Promise<Body> {
  const limit = performance.now() + retryMsMax;
  const headers = { ...(method === 'POST' && { 'idempotency-key': randomUUID() }), ...others };
  for (;;) {
    const outcome = await attempt<Body>(method, url, body, headers);
    if ('done' in outcome) return outcome.done;
    if (!outcome.repeatable || performance.now() > limit) throw outcome.failure;
    // The service may be restarting.
    await new Promise((resolve) => setTimeout(resolve, retryDelayMs));
  }
}

type Attempt<Body> = { readonly done: Body } | { readonly failure: Error; readonly repeatable: boolean };

async function attempt<Body>(
  method: string,
  url: string,
  body: unknown,
  headers: Readonly<Record<string, string>>,
): Promise<Attempt<Body>> {
  try {
    const answer = await request<Body>(method, url, body, headers);
    if (answer.status < 400) return { done: answer.body };
    const failure = new Refused(`${method} ${url}: ${answer.status} ${JSON.stringify(answer.body)}`, answer);
    return { failure, repeatable: passing.has(answer.status) || failure.code === 'request_in_flight' };
  } catch (cause) {
    return { failure: new AnswerLost(`${method} ${url}: no answer`, { cause }), repeatable: true };
  }
}

/** The call got no answer, so it may or may not have had its effect. */
class AnswerLost extends Error {
  override readonly name = 'AnswerLost';
}

export class Refused extends Error {
  override readonly name = 'Refused';
  readonly answer: Answer;

  constructor(message: string, answer: Answer) {
    super(message);
    this.answer = answer;
  }

  get code(): string | undefined {
    return (this.answer.body as { code?: string } | undefined)?.code;
  }
}
