export interface RunningProcess {
  readonly pid: number;
  /** Resolves when it is gone, with the signal or exit code that ended it. */
  readonly ended: Promise<string>;
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

/** Keeps a process alive: one that dies starts again after a delay that doubles up to its limit. */
export function supervise(
  name: string,
  launch: Launch,
  { logFile, limits, onEnd, onBack }: SupervisorOptions,
): Supervised {
  const { restartDelayMsMin, restartDelayMsMax, stableAfterMs } = { ...defaultRestartLimits, ...limits };
  const stopping = new AbortController();
  let launching: Promise<RunningProcess> | undefined;
  let running: RunningProcess | undefined;
  let pending: NodeJS.Timeout | undefined;
  let delayMs = restartDelayMsMin;

  const start = async () => {
    launching = launch(stopping.signal);
    const started = await launching;
    running = started;
    const readyAt = performance.now();
    void started.ended.then((how) => {
      running = undefined;
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
      clearTimeout(pending);
      const last = await launching?.catch(() => undefined);
      await last?.stop();
    },
  };
}
