/** Aborts at the first SIGINT or SIGTERM, or when a parent that talked over IPC is gone. A second SIGINT ends at once. */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  process.on('SIGINT', () => (controller.signal.aborted ? process.exit(130) : controller.abort()));
  process.once('SIGTERM', () => controller.abort());
  process.once('disconnect', () => controller.abort());
  return controller.signal;
}

export const whenAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true })));
