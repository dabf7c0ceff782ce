import type { Clock, DurationMs } from '@millrace/streaming-core/runtime';

export interface AnswerWatchOptions {
  readonly clock: Pick<Clock, 'monotonic' | 'after'>;
  /** Resolves with an answer. A question that fails is asked again at the next check. */
  readonly ask: (signal: AbortSignal) => Promise<unknown>;
  /** How long a process may go without answering before it counts as silent. */
  readonly unansweredMsMax: DurationMs;
  readonly onSilent: (silentMs: DurationMs) => void;
  /** Called at the first answer after a silence. */
  readonly onAnswer: () => void;
}

export interface AnswerWatch {
  /** How long the process has left a question unanswered. */
  unansweredMs(): DurationMs;
  stop(): void;
}

const looksPerLimit = 20;
/** A process that has answered its last question is asked less often, which wakes it less often. */
const calmLooksPerLimit = 5;

/**
 * If a check is this many intervals late, load is not the cause: this process or the whole machine
 * was suspended.
 */
const suspendedSpans = 2;

/**
 * Asks a process regularly whether it responds, one question at a time. A time in which this process
 * did not run itself says nothing about the other process, so counting starts again.
 */
export function watchAnswers({
  clock,
  ask,
  unansweredMsMax,
  onSilent,
  onAnswer,
}: AnswerWatchOptions): AnswerWatch {
  const everyMs = unansweredMsMax / looksPerLimit;
  const calmEveryMs = unansweredMsMax / calmLooksPerLimit;
  const stopped = new AbortController();
  let lookedAt = clock.monotonic();
  let nextInMs = calmEveryMs;
  let unansweredMs = 0;
  let asking = false;
  let answerDue = false;
  let silent = false;

  const answered = () => {
    answerDue = false;
    if (silent && !stopped.signal.aborted) onAnswer();
    silent = false;
  };

  const askOnce = () => {
    if (asking) return;
    asking = true;
    answerDue = true;
    ask(stopped.signal)
      .then(answered, () => undefined)
      .finally(() => (asking = false));
  };

  const look = () => {
    if (stopped.signal.aborted) return;
    const sinceMs = clock.monotonic() - lookedAt;
    lookedAt += sinceMs;
    const suspended = sinceMs > nextInMs + everyMs * suspendedSpans;
    unansweredMs = answerDue && !suspended ? unansweredMs + sinceMs : 0;
    nextInMs = answerDue ? everyMs : calmEveryMs;
    if (!silent && unansweredMs > unansweredMsMax) {
      silent = true;
      onSilent(unansweredMs);
    }
    askOnce();
    lookLater();
  };

  let cancel = () => undefined as unknown;
  const lookLater = () => {
    cancel = clock.after(nextInMs, look);
  };

  askOnce();
  lookLater();
  return {
    unansweredMs: () => (answerDue ? unansweredMs + clock.monotonic() - lookedAt : 0),
    stop() {
      stopped.abort();
      cancel();
    },
  };
}
