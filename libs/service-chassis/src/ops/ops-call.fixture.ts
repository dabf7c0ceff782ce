import { randomUUID } from 'node:crypto';
import type { RunningService } from '../lifecycle/start-service.ts';

export interface OpsAnswer {
  readonly status: number;
  readonly etag: string | null;
  readonly body: Record<string, unknown> & { readonly items?: readonly Record<string, unknown>[] };
}

/** Calls the operator API of a service: with a body, as the operator Grace with a new key. */
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
  const answer = await fetch(`${opsUrl}${path}`, body === undefined ? {} : change);
  const answered = (await answer.json()) as OpsAnswer['body'];
  return { status: answer.status, etag: answer.headers.get('etag'), body: answered };
}
