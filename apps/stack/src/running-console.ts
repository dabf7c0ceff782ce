import type { Supervised } from './processes/supervise.ts';

/** The page for people. It starts once the services are ready, so it holds up nothing. */
export interface RunningConsole {
  readonly url: string;
  /** Resolves to the reason why it does not run, or to undefined once it does. */
  readonly started: Promise<string | undefined>;
}

/** Starts it without waiting. The system works without its page, so a failure is only reported. */
export const startConsole = (page: Supervised, url: string): RunningConsole => ({
  url,
  started: page.start().then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  ),
});
