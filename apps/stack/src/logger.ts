import type { Logger } from '@millrace/streaming-core/runtime';

const ignore = (): void => undefined;

/**
 * Warnings and errors as lines for people; the rest is in the services' own logs. Once everything stops, a lost connection is no news.
 */
export const consoleLogger = (print: (line: string) => void, stopping: AbortSignal): Logger => ({
  debug: ignore,
  info: ignore,
  warn: (_fields, message) => (stopping.aborted ? undefined : print(`warning: ${message}`)),
  error: (_fields, message) => (stopping.aborted ? undefined : print(`error: ${message}`)),
});
