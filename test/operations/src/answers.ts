import { subscribe, unsubscribe } from 'node:diagnostics_channel';

/** The answers to the customers' requests, including those that the shop silently retries. */
export interface Answers {
  readonly answered: number;
  /** The number of answers by status, for 500 and above. */
  readonly failed: Readonly<Record<string, number>>;
  /** The number of connections that ended without an answer, by reason. */
  readonly lost: Readonly<Record<string, number>>;
}

/** Counts every answer that `fetch` gets in this process, until `stop` is called. */
export function countAnswers(): { readonly seen: () => Answers; stop(): void } {
  let answered = 0;
  const failed: Record<string, number> = {};
  const lost: Record<string, number> = {};
  const onHeaders = (message: unknown) => {
    const { statusCode } = (message as { response: { statusCode: number } }).response;
    answered += 1;
    if (statusCode >= 500) failed[statusCode] = (failed[statusCode] ?? 0) + 1;
  };
  const onError = (message: unknown) => {
    const { code, message: words } = (message as { error: { code?: string; message: string } }).error;
    lost[code ?? words] = (lost[code ?? words] ?? 0) + 1;
  };
  subscribe('undici:request:headers', onHeaders);
  subscribe('undici:request:error', onError);
  return {
    seen: () => ({ answered, failed: { ...failed }, lost: { ...lost } }),
    stop() {
      unsubscribe('undici:request:headers', onHeaders);
      unsubscribe('undici:request:error', onError);
    },
  };
}

/** Returns the answers that came between two readings. */
export function since(before: Answers, now: Answers): Answers {
  const more = (counts: Answers['lost'], earlier: Answers['lost']) =>
    Object.fromEntries(
      Object.entries(counts).flatMap(([what, count]) =>
        count > (earlier[what] ?? 0) ? [[what, count - (earlier[what] ?? 0)]] : [],
      ),
    );
  return {
    answered: now.answered - before.answered,
    failed: more(now.failed, before.failed),
    lost: more(now.lost, before.lost),
  };
}
