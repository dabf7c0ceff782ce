/**
 * Ctrl-C reaches a child of `npm start` twice, from the terminal and from npm. A second signal
 * within this time counts as the same request.
 */
const sameWishMs = 500;

const signalNumbers = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;

export interface StopRequest {
  /** Aborted by the first request to stop. */
  readonly signal: AbortSignal;
  readonly requested: Promise<void>;
  /** The exit code of an interrupted program: 128 plus the number of the signal. */
  readonly exitCode: number;
}

const parentPollMs = 1_000;

/**
 * The first SIGINT, SIGTERM or SIGHUP requests a stop. So does the loss of a parent on IPC, of npm,
 * or of the reader of our output. A second signal ends the process at once.
 */
export function listenForStop(
  now: () => number = () => performance.now(),
  exit: (code: number) => void = (code) => process.exit(code),
): StopRequest {
  const controller = new AbortController();
  const requested = new Promise<void>((resolve) =>
    controller.signal.addEventListener('abort', () => resolve(), { once: true }),
  );
  let exitCode = 128 + signalNumbers.SIGTERM;
  let firstAt = 0;
  const stop = (code = exitCode) => {
    if (controller.signal.aborted) return;
    exitCode = code;
    firstAt = now();
    controller.abort(new Error('interrupted'));
  };
  for (const [name, number] of Object.entries(signalNumbers))
    process.on(name, () =>
      controller.signal.aborted && now() - firstAt > sameWishMs ? exit(128 + number) : stop(128 + number),
    );
  process.once('disconnect', () => stop());
  if (process.env.npm_lifecycle_event !== undefined) whenParentIsGone(() => stop());
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => stop());
  return {
    signal: controller.signal,
    requested,
    get exitCode() {
      return exitCode;
    },
  };
}

/**
 * npm passes SIGTERM to the shell between itself and this process. The shell dies of it without
 * passing it on, and then this process has another parent.
 */
function whenParentIsGone(stop: () => void): void {
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && stop(), parentPollMs).unref();
}

/**
 * Settles as the promise does, or rejects with the signal's reason as soon as it is aborted. The
 * promise itself is not cancelled.
 */
export function orAborted<Result>(promise: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
