import type { RetryPolicy } from '@millrace/streaming-core/consumer';
import { setting, type ConfigOf, type Settings, wholeNumber } from './setting.ts';

/**
 * These settings limit how long the consumer retries a message whose handler fails. A handler can
 * override them (`@Handles`).
 */
export const retrySettings = {
  /** The partition waits during this time. */
  retryInPlaceMs: setting('RETRY_IN_PLACE_MS', wholeNumber({ min: 0, max: 60_000, byDefault: 5_000 }), {
    example: '5000',
  }),
  /** Only the key waits during this time. With 0, the message becomes a dead letter at once. */
  retryParkedMs: setting('RETRY_PARKED_MS', wholeNumber({ min: 0, max: 604_800_000, byDefault: 3_600_000 }), {
    example: '3600000',
  }),
} satisfies Settings;

export const retryOf = ({
  retryInPlaceMs,
  retryParkedMs,
}: ConfigOf<typeof retrySettings>): Partial<RetryPolicy> => ({
  inPlaceMs: retryInPlaceMs,
  parkedMs: retryParkedMs,
});
