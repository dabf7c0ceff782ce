import type { LoggerService } from '@nestjs/common';
import type { Logger } from '@millrace/streaming-core/runtime';

/** Passes Nest's own lines to our logger. Its lines about wiring are at level debug. */
export function nestLogger(logger: Logger): LoggerService {
  const context = (parameters: unknown[]) => ({
    nest: typeof parameters.at(-1) === 'string' ? parameters.at(-1) : undefined,
  });
  return {
    log: (message, ...parameters) => logger.debug(context(parameters), String(message)),
    debug: (message, ...parameters) => logger.debug(context(parameters), String(message)),
    verbose: (message, ...parameters) => logger.debug(context(parameters), String(message)),
    warn: (message, ...parameters) => logger.warn(context(parameters), String(message)),
    error: (message, ...parameters) =>
      logger.error({ ...context(parameters), err: message }, textOf(message)),
    fatal: (message, ...parameters) =>
      logger.error({ ...context(parameters), err: message }, textOf(message)),
  };
}

const textOf = (message: unknown): string => (message instanceof Error ? message.message : String(message));
