/**
 * Helpers for any long-running program: time, logging, retries, queues. Nothing here knows about
 * messages.
 */
export {
  pause,
  systemClock,
  type Clock,
  withDeadline,
  days,
  hours,
  milliseconds,
  minutes,
  seconds,
  type DurationMs,
} from './clock.ts';
export {
  Doorbell,
  createPolling,
  type Finding,
  type Polling,
  type PollingOptions,
  doubled,
} from './polling.ts';
export { CodedError } from './errors.ts';
export { FolderInUse, lockFolder, FolderError, makeFolder } from './folders.ts';
export { silentLogger, type Logger, RetryLog, type RetryLogOptions } from './logger.ts';
export { serialQueue } from './serial-queue.ts';
export { setNewest } from './set-newest.ts';
export { WorkSlices, WorkStopped } from './work-slices.ts';
