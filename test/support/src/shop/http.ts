import { randomUUID } from 'node:crypto';
import { checkedOrigin } from '@millrace/testing/openapi';

export interface Answer<Body = unknown> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

const timeoutMs = 15_000;

/** One call, whatever its status. Rejects when there is no answer, or one that a checked service does not document. */
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
/** Overloaded, or not there just now. */
const passing: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/**
 * One call that has to succeed; rejects with the problem that was answered. Repeated while the service is down or its answer is lost: a POST
 * carries one idempotency key over all its repetitions, so it is done once.
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
    await new Promise((resolve) => setTimeout(resolve, retryDelayMs)); // the service is being restarted
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

/** Whether it was done is not known. */
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
