import type { Logger } from '@millrace/streaming-core/runtime';

const ignore = (): void => undefined;

/**
 * Prints warnings and errors as lines for people. Everything else is in the services' own logs.
 * Once everything stops, lost connections are expected and not printed.
 */
export const consoleLogger = (print: (line: string) => void, stopping: AbortSignal): Logger => ({
  debug: ignore,
  info: ignore,
  warn: (_fields, message) => (stopping.aborted ? undefined : print(`warning: ${message}`)),
  error: (_fields, message) => (stopping.aborted ? undefined : print(`error: ${message}`)),
});
