import type { Clock, DurationMs } from '@millrace/streaming-core/runtime';

export interface AnswerWatchOptions {
  readonly clock: Pick<Clock, 'monotonic' | 'after'>;
  /** Resolves with an answer. One that rejects is asked again at the next look. */
  readonly ask: (signal: AbortSignal) => Promise<unknown>;
  /** So long without an answer, and the process counts as silent. */
  readonly unansweredMsMax: DurationMs;
  readonly onSilent: (silentMs: DurationMs) => void;
  /** The first answer after a silence. */
  readonly onAnswer: () => void;
}

const looksPerLimit = 20;

/** A look that comes so many spans late was not held up by load: this process, or the whole machine, was suspended. */
const suspendedSpans = 3;

/**
 * Asks a process again and again whether it is there, one question at a time; returns the way to stop. A span in which this process did not run
 * itself says nothing about the other one: the waiting begins anew.
 */
export function watchAnswers({
  clock,
  ask,
  unansweredMsMax,
  onSilent,
  onAnswer,
}: AnswerWatchOptions): () => void {
  const everyMs = unansweredMsMax / looksPerLimit;
  const stopped = new AbortController();
  let lookedAt = clock.monotonic();
  let unansweredMs = 0;
  let asking = false;
  let silent = false;

  const answered = () => {
    unansweredMs = 0;
    if (silent && !stopped.signal.aborted) onAnswer();
    silent = false;
  };

  const askOnce = () => {
    if (asking) return;
    asking = true;
    ask(stopped.signal)
      .then(answered, () => undefined)
      .finally(() => (asking = false));
  };

  const look = () => {
    if (stopped.signal.aborted) return;
    const sinceMs = clock.monotonic() - lookedAt;
    lookedAt += sinceMs;
    unansweredMs = sinceMs > everyMs * suspendedSpans ? 0 : unansweredMs + sinceMs;
    if (!silent && unansweredMs > unansweredMsMax) {
      silent = true;
      onSilent(unansweredMs);
    }
    askOnce();
    lookLater();
  };

  let cancel = () => undefined as unknown;
  const lookLater = () => {
    cancel = clock.after(everyMs, look);
  };

  askOnce();
  lookLater();
  return () => {
    stopped.abort();
    cancel();
  };
}
