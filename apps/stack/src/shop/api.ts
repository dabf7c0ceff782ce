import { setTimeout as sleep } from 'node:timers/promises';

/** A refusal by a service, with the problem's code and detail (RFC 9457). */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: string | undefined;

  constructor(call: string, status: number, code: string | undefined, detail: string) {
    super(`${call}: ${status} ${code ?? ''} ${detail}`.trim());
    this.status = status;
    this.code = code;
  }
}

/** Tells whether a later attempt may help, because the service is down, overloaded or slow. */
export const isPassing = (error: unknown): boolean =>
  error instanceof ApiError
    ? error.status >= 500
    : error instanceof TypeError || (error instanceof DOMException && error.name === 'TimeoutError');

const timeoutMs = 10_000;

/** Makes one JSON call. Rejects with `ApiError` on a status of 400 and above. */
export async function call<Answer>(
  method: 'GET' | 'POST' | 'PUT',
  url: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method,
    signal: AbortSignal.timeout(timeoutMs),
    headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const answer: unknown = parse(text);
  if (response.ok) return answer as Answer;
  const { code, detail, title } = (answer ?? {}) as { code?: string; detail?: string; title?: string };
  throw new ApiError(`${method} ${url}`, response.status, code, detail ?? title ?? '');
}

/** Returns undefined for anything but JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const pollMs = 250;
const answerTimeoutMs = 3_000;

interface ReadyWait {
  readonly waitMsMax: number;
  readonly print: (line: string) => void;
}

/**
 * Resolves once every service reports on `/readyz` that it is ready. Prints once which services it
 * waits for. Rejects with their names at the limit.
 */
export async function waitUntilReady(
  urls: Readonly<Record<string, string>>,
  { waitMsMax, print }: ReadyWait,
): Promise<void> {
  const deadline = performance.now() + waitMsMax;
  for (let attempt = 1; ; attempt++) {
    const states = await Promise.all(
      Object.entries(urls).map(async ([name, url]) => ({ name, url, ready: await isReady(url) })),
    );
    const late = states.filter(({ ready }) => !ready);
    if (late.length === 0) return;
    const names = late.map(({ name, url }) => `${name} (${url})`).join(', ');
    if (performance.now() > deadline)
      throw new Error(`not ready after ${waitMsMax / 1000} s: ${names}. Their /readyz and logs say why`);
    if (attempt === 1) print(`waiting for ${names}`);
    await sleep(pollMs);
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(answerTimeoutMs) })).ok;
  } catch {
    return false; // it does not listen yet, or is too busy to answer
  }
}
