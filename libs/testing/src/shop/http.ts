export interface Answer<Body = unknown> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

const timeoutMs = 15_000;

/** One call, whatever its status. Rejects only when there is no answer. */
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
  return { status: response.status, headers: response.headers, body: (text === '' ? undefined : JSON.parse(text)) as Body };
}

/** One call that has to succeed; rejects with the problem that was answered. Retries while the service is down. */
export async function ask<Body>(method: string, url: string, body?: unknown): Promise<Body> {
  const limit = performance.now() + 30_000;
  for (;;) {
    try {
      const answer = await request<Body>(method, url, body);
      if (answer.status < 400) return answer.body;
      throw new Refused(`${method} ${url}: ${answer.status} ${JSON.stringify(answer.body)}`, answer as Answer);
    } catch (error) {
      if ((error instanceof Refused && error.answer.status < 500) || performance.now() > limit) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50)); // the service is being restarted
    }
  }
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
