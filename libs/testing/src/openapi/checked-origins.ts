import { answerCheck, type AnswerCheck, type SeenAnswer } from './answer-check.ts';
import type { OpenApi } from './document-problems.ts';

const checks = new Map<string, Promise<AnswerCheck> | undefined>();

/** Checks every later answer of these services against the document that they serve. */
export function checkOrigins(urls: readonly string[]): void {
  for (const { origin } of urls.map((url) => new URL(url)))
    if (!checks.has(origin)) checks.set(origin, undefined);
}

/**
 * Returns the check for answers from this origin, or undefined for a service that is not to be
 * checked. The check rejects with the difference.
 */
export function checkedOrigin(url: string): ((answer: SeenAnswer) => Promise<void>) | undefined {
  const { origin } = new URL(url);
  return checks.has(origin) ? (answer) => check(origin, answer) : undefined;
}

async function check(origin: string, answer: SeenAnswer): Promise<void> {
  const document = checks.get(origin) ?? documentOf(origin);
  checks.set(origin, document);
  const checked = await document.catch((cause: unknown) => {
    checks.set(origin, undefined);
    // The service was killed right after its answer. The next answer is checked.
    if (isUnreachable(cause)) return undefined;
    throw cause;
  });
  checked?.(answer);
}

async function documentOf(origin: string): Promise<AnswerCheck> {
  const answer = await fetch(`${origin}/docs/json`, { signal: AbortSignal.timeout(15_000) });
  if (answer.status !== 200)
    throw new Error(`${origin}/docs/json answers ${answer.status}: ${await answer.text()}`);
  return answerCheck((await answer.json()) as OpenApi);
}

const isUnreachable = (error: unknown): boolean =>
  error instanceof TypeError || (error as Error).name === 'TimeoutError';
