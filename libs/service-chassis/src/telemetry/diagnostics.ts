import { diag, DiagLogLevel } from '@opentelemetry/api';
import { minutes, systemClock, type Clock, type Logger } from '@millrace/streaming-core/runtime';

const charactersMax = 500;

/**
 * Logs the SDK's complaints, such as an unreachable collector. They repeat, so it logs at most one
 * line a minute.
 */
export function logDiagnostics(logger: Logger, clock: Clock = systemClock): void {
  let quietUntil = -Infinity;
  const warn = (...said: readonly unknown[]) => {
    if (clock.monotonic() < quietUntil) return;
    quietUntil = clock.monotonic() + minutes(1);
    const reason = said.map((part) => (part instanceof Error ? part.message : String(part))).join(' ');
    logger.warn(
      { reason: reason.slice(0, charactersMax) },
      'telemetry cannot be exported; the service continues without it',
    );
  };
  const ignore = () => undefined;
  diag.setLogger({ error: warn, warn, info: ignore, debug: ignore, verbose: ignore }, DiagLogLevel.WARN);
}
