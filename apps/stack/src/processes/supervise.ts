import { systemClock, type DurationMs } from '@millrace/streaming-core/runtime';
import { watchAnswers } from './watch-answers.ts';

export interface RunningProcess {
  readonly pid: number;
  /** Resolves when it is gone, with the signal or exit code that ended it. */
  readonly ended: Promise<string>;
  /** Resolves once it has answered a question that any healthy process answers at once. */
  answer(signal: AbortSignal): Promise<unknown>;
  /** Ends it at once, when it answers no more. Absent for one that is left alone. */
  kill?(): void;
  /** Resolves when it is gone. */
  stop(): Promise<void>;
}

/** Starts the process. Resolves once it is ready; rejects, also when aborted, once nothing of it is left. */
export type Launch = (signal: AbortSignal) => Promise<RunningProcess>;

export interface RestartLimits {
  readonly restartDelayMsMin: number;
  readonly restartDelayMsMax: number;
  /** After a life of this length the delay begins at its least again. */
  readonly stableAfterMs: number;
}

export const defaultRestartLimits: RestartLimits = {
  restartDelayMsMin: 100,
  restartDelayMsMax: 10_000,
  stableAfterMs: 30_000,
};

export interface SupervisorOptions {
  /** Named when the first start fails. */
  readonly logFile: string;
  readonly limits?: Partial<RestartLimits>;
  readonly onEnd: (name: string, how: string, restartDelayMs: number) => void;
  readonly onBack: (name: string, pid: number) => void;
  /** So long without an answer, and a process that runs is killed, and so starts again. 0: it is never asked. */
  readonly unansweredMsMax: DurationMs;
  readonly onSilent: (silence: Silence) => void;
  readonly onAnswer: (name: string) => void;
}

export interface Silence {
  readonly name: string;
  readonly pid: number;
  readonly silentMs: DurationMs;
  readonly killed: boolean;
}

export interface Supervised {
  readonly name: string;
  /** Undefined while it is down. */
  readonly pid: number | undefined;
  /** The first start: rejects with the reason when it fails, and does not try again. From then on it comes back whenever it dies. */
  start(): Promise<void>;
  /** Resolves once it is gone for good, also in the middle of a start. */
  stop(): Promise<void>;
}

/**
 * Keeps a process alive: one that dies starts again after a delay that doubles up to its limit. One that runs and answers no more, because it was
 * stopped or its event loop is blocked, is killed and so starts again; the watch begins once it is ready, and ends with it.
 */
export function supervise(name: string, launch: Launch, options: SupervisorOptions): Supervised {
  const { logFile, limits, onEnd, onBack } = options;
  const { restartDelayMsMin, restartDelayMsMax, stableAfterMs } = { ...defaultRestartLimits, ...limits };
  const stopping = new AbortController();
  let launching: Promise<RunningProcess> | undefined;
  let running: RunningProcess | undefined;
  let pending: NodeJS.Timeout | undefined;
  let unwatch: () => void = () => undefined;
  let delayMs = restartDelayMsMin;

  const start = async () => {
    launching = launch(stopping.signal);
    const started = await launching;
    running = started;
    const readyAt = performance.now();
    if (!stopping.signal.aborted) unwatch = watchRunning(name, started, options);
    void started.ended.then((how) => {
      running = undefined;
      unwatch();
      if (performance.now() - readyAt > stableAfterMs) delayMs = restartDelayMsMin;
      startLater(how);
    });
  };

  const startLater = (how: string) => {
    if (stopping.signal.aborted) return;
    onEnd(name, how, delayMs);
    pending = setTimeout(() => {
      start().then(
        () => onBack(name, running?.pid ?? 0),
        (error: Error) => startLater(error.message),
      );
    }, delayMs);
    delayMs = Math.min(delayMs * 2, restartDelayMsMax);
  };

  return {
    name,
    get pid() {
      return running?.pid;
    },
    start: () =>
      start().catch((error: Error) => {
        throw new Error(`${error.message} (log: ${logFile})`, { cause: error });
      }),
    async stop() {
      stopping.abort(new Error(`${name} was stopped`));
      unwatch();
      clearTimeout(pending);
      const last = await launching?.catch(() => undefined);
      await last?.stop();
    },
  };
}

function watchRunning(
  name: string,
  { pid, answer, kill }: RunningProcess,
  { unansweredMsMax, onSilent, onAnswer }: SupervisorOptions,
): () => void {
  if (unansweredMsMax === 0) return () => undefined;
  return watchAnswers({
    clock: systemClock,
    ask: answer,
    unansweredMsMax,
    onSilent(silentMs) {
      onSilent({ name, pid, silentMs, killed: kill !== undefined });
      kill?.();
    },
    onAnswer: () => onAnswer(name),
  });
}
