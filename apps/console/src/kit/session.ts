import { signal } from '@preact/signals';
import type { Session } from '../api/session.ts';

/** Undefined until the console has said who uses it. */
export const session = signal<Session | undefined>(undefined);

/** Whether the console asks for its token. */
export const signInWanted = signal(false);

/** The server has refused a request, or has not answered. */
export class RequestFailed extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

interface Problem {
  readonly title?: string;
  readonly detail?: string;
  readonly code?: string;
  readonly errors?: ReadonlyArray<{ readonly field: string; readonly message: string }>;
}

export const getJson = <Answer>(path: string): Promise<Answer> => ask(path, {});

/** Sends a request that changes something. The header proves that this page has sent it. */
export const postJson = <Answer>(path: string, body: object): Promise<Answer> =>
  ask(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-millrace-console': '1' },
    body: JSON.stringify(body),
  });

async function ask<Answer>(path: string, init: RequestInit): Promise<Answer> {
  const answer = await fetch(path, init).catch(() => {
    const unknown =
      init.method === undefined ? '' : ': whether it has taken effect is unknown; look before you repeat it';
    throw new RequestFailed(0, 'no_answer', `the console does not answer${unknown}`);
  });
  if (answer.ok) return (answer.status === 204 ? undefined : await answer.json()) as Answer;
  const problem = (await answer.json().catch(() => ({}))) as Problem;
  if (problem.code === 'not_signed_in') signInWanted.value = true;
  const fields = problem.errors?.map(({ field, message }) => `${field} ${message}`).join('; ');
  const message = [problem.title ?? `the console answered ${answer.status}`, problem.detail, fields];
  throw new RequestFailed(answer.status, problem.code ?? '', message.filter(Boolean).join(': '));
}

/** Asks the console who uses the page, and repeats this while the console does not answer. */
export async function openSession(): Promise<void> {
  try {
    session.value = await getJson<Session>('/api/session/me');
    signInWanted.value = false;
  } catch (error) {
    if ((error as RequestFailed).code !== 'not_signed_in') setTimeout(() => void openSession(), 1_000);
  }
}

const actorKey = 'millrace-actor';

/** The name under which acts of this browser are recorded. */
export const actorName = (): string => window.localStorage.getItem(actorKey) ?? session.peek()?.actor ?? '';

export const keepActorName = (name: string): void => window.localStorage.setItem(actorKey, name);
