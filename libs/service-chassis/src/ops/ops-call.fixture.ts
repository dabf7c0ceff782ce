import { randomUUID } from 'node:crypto';
import { checkedOrigin, checkOrigins } from '@millrace/testing/openapi';
import type { RunningService } from '../boot/start-service.ts';

export interface OpsAnswer {
  readonly status: number;
  readonly etag: string | null;
  readonly body: Record<string, unknown> & { readonly items?: readonly Record<string, unknown>[] };
}

/**
 * Calls the operator API of a service. A call with a body is a POST of the operator Grace with a new
 * idempotency key. Rejects if the answer is not as the OpenAPI document says.
 */
export async function callOps(
  { opsUrl }: Pick<RunningService, 'opsUrl'>,
  path: string,
  body?: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<OpsAnswer> {
  const change = {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'millrace-actor': 'grace',
      'idempotency-key': randomUUID(),
      ...headers,
    },
    body: JSON.stringify(body),
  };
  const init = body === undefined ? { method: 'GET' } : change;
  const url = `${opsUrl}${path}`;
  const answer = await fetch(url, init);
  const text = await answer.text();
  checkOrigins([opsUrl]);
  const { status } = answer;
  const contentType = answer.headers.get('content-type');
  await checkedOrigin(url)?.({ method: init.method, url, status, contentType, body: text });
  return { status, etag: answer.headers.get('etag'), body: JSON.parse(text) as OpsAnswer['body'] };
}
