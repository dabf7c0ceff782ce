import { systemClock, type DurationMs } from '@millrace/streaming-core/runtime';
import { watchAnswers, type AnswerWatch } from './watch-answers.ts';

export interface RunningProcess {
  readonly pid: number;
  /** Resolves once the process is gone, with the signal or exit code that ended it. */
  readonly ended: Promise<string>;
  /** Resolves once it has answered a question that any healthy process answers at once. */
  answer(signal: AbortSignal): Promise<unknown>;
  /** Kills the process if it stops answering. Absent for a process that must be left alone. */
  kill?(): void;
  /** Resolves once the process is gone. */
  stop(): Promise<void>;
}

/**
 * Starts the process and resolves once it is ready. If that fails or is aborted, rejects once
 * nothing of the process is left.
 */
export type Launch = (signal: AbortSignal) => Promise<RunningProcess>;

interface RestartLimits {
  readonly restartDelayMsMin: number;
  readonly restartDelayMsMax: number;
  /** If the process has run for this long, the delay starts at its minimum again. */
  readonly stableAfterMs: number;
}

const defaultRestartLimits: RestartLimits = {
  restartDelayMsMin: 100,
  restartDelayMsMax: 10_000,
  stableAfterMs: 30_000,
};

export interface SupervisorOptions {
  /** The log file that the error of a failed first start names. */
  readonly logFile: string;
  readonly limits?: Partial<RestartLimits>;
  readonly onEnd: (name: string, how: string, restartDelayMs: number) => void;
  readonly onBack: (name: string, pid: number) => void;
  /**
   * How long a running process may go without answering before it is killed and restarted. 0 means
   * that it is never asked.
   */
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

interface LastEnd {
  /** The signal or the exit code, or why a restart has failed. */
  readonly how: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** How long it had not answered, if it was killed because of that. */
  readonly unansweredMs?: DurationMs;
}

export interface Supervised {
  readonly name: string;
  /** Undefined while it is down. */
  readonly pid: number | undefined;
  /** Whether it was not started yet, or was stopped: then nothing restarts it. */
  readonly isStopped: boolean;
  /** How often it has become ready. */
  readonly starts: number;
  readonly lastEnd: LastEnd | undefined;
  /** How long it has left a question unanswered. */
  readonly unansweredMs: DurationMs;
  /** After how long without an answer it is killed. Undefined if it never is. */
  readonly unansweredMsMax: DurationMs | undefined;
  /**
   * Starts a process that is stopped. Rejects with the reason if that fails, and does not try again.
   * From then on, the process is restarted whenever it dies. Does nothing for one that is not stopped,
   * and rejects while it is being stopped.
   */
  start(): Promise<void>;
  /** Stops the process until it is started again, even in the middle of a start. Resolves once it is gone. */
  stop(): Promise<void>;
}

/**
 * Keeps a process alive. One that dies is restarted after a delay that doubles up to its limit. One
 * that runs but stops answering, because it was stopped or its event loop is blocked, is killed and
 * so restarted. The watch begins once the process is ready, and ends with it.
 */
export function supervise(name: string, launch: Launch, options: SupervisorOptions): Supervised {
  const { logFile, limits, onEnd, onBack } = options;
  const { restartDelayMsMin, restartDelayMsMax, stableAfterMs } = { ...defaultRestartLimits, ...limits };
  /** Aborted when the process is stopped. Each start from there begins another one. */
  let life = AbortSignal.abort();
  let endLife: (reason: Error) => void = () => undefined;
  let ending: Promise<void> | undefined;
  let launching: Promise<RunningProcess> | undefined;
  let running: RunningProcess | undefined;
  let pending: NodeJS.Timeout | undefined;
  let watch: AnswerWatch | undefined;
  let delayMs = restartDelayMsMin;
  let starts = 0;
  let lastEnd: LastEnd | undefined;
  /** How long the running process had not answered when it was killed because of that. */
  let killedAfterMs: DurationMs | undefined;

  const start = async (signal: AbortSignal) => {
    launching = launch(signal);
    const started = await launching;
    running = started;
    starts += 1;
    const readyAt = performance.now();
    if (!signal.aborted) watch = watchRunning(name, started, { ...options, onSilent });
    void started.ended.then((how) => {
      running = undefined;
      unwatch();
      if (performance.now() - readyAt > stableAfterMs) delayMs = restartDelayMsMin;
      startLater(how, signal);
    });
  };

  const onSilent = (silence: Silence) => {
    if (silence.killed) killedAfterMs = silence.silentMs;
    options.onSilent(silence);
  };

  const unwatch = () => {
    watch?.stop();
    watch = undefined;
  };

  const startLater = (how: string, signal: AbortSignal) => {
    const at = new Date(systemClock.now()).toISOString();
    lastEnd = { how, at, ...(killedAfterMs !== undefined && { unansweredMs: killedAfterMs }) };
    killedAfterMs = undefined;
    if (signal.aborted) return;
    onEnd(name, how, delayMs);
    pending = setTimeout(() => {
      start(signal).then(
        () => onBack(name, running?.pid ?? 0),
        (error: Error) => startLater(error.message, signal),
      );
    }, delayMs);
    delayMs = Math.min(delayMs * 2, restartDelayMsMax);
  };

  const end = async () => {
    endLife(new Error(`${name} was stopped`));
    unwatch();
    clearTimeout(pending);
    const last = await launching?.catch(() => undefined);
    await last?.stop();
  };

  return {
    name,
    get pid() {
      return running?.pid;
    },
    get isStopped() {
      return life.aborted;
    },
    get starts() {
      return starts;
    },
    get lastEnd() {
      return lastEnd;
    },
    get unansweredMs() {
      return watch?.unansweredMs() ?? 0;
    },
    get unansweredMsMax() {
      const isKilled = options.unansweredMsMax > 0 && running?.kill !== undefined;
      return isKilled ? options.unansweredMsMax : undefined;
    },
    async start() {
      if (ending !== undefined) throw new Error(`${name} is being stopped: start it when it is gone`);
      if (!life.aborted) return;
      const controller = new AbortController();
      life = controller.signal;
      endLife = (reason) => controller.abort(reason);
      delayMs = restartDelayMsMin;
      await start(life).catch((error: Error) => {
        endLife(error);
        throw new Error(`${error.message} (log: ${logFile})`, { cause: error });
      });
    },
    stop() {
      ending ??= end().finally(() => (ending = undefined));
      return ending;
    },
  };
}

function watchRunning(
  name: string,
  { pid, answer, kill }: RunningProcess,
  { unansweredMsMax, onSilent, onAnswer }: SupervisorOptions,
): AnswerWatch | undefined {
  if (unansweredMsMax === 0) return undefined;
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
