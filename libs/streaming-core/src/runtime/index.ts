/**
 * Helpers for any long-running program: time, logging, retries, queues. Nothing here knows about
 * messages.
 */
export { pause, systemClock, type Clock } from './clock.ts';
export { withDeadline } from './clock.ts';
export { Doorbell } from './polling.ts';
export { days, hours, milliseconds, minutes, seconds, type DurationMs } from './duration.ts';
export { FolderInUse, lockFolder } from './folder-lock.ts';
export { FolderError, makeFolder } from './make-folder.ts';
export { silentLogger, type Logger } from './logger.ts';
export { createPolling, type Finding, type Polling, type PollingOptions, doubled } from './polling.ts';
export { RetryLog, type RetryLogOptions } from './retry-log.ts';
export { serialQueue } from './serial-queue.ts';
export { setNewest } from './set-newest.ts';
export { WorkSlices, WorkStopped } from './work-slices.ts';
