import { setting, type Settings, wholeNumber } from './setting.ts';

/**
 * These settings limit how long the consumer retries a message whose handler fails. A handler can
 * override them (`@Handles`).
 */
export const retrySettings = {
  retryInPlaceMs: setting('RETRY_IN_PLACE_MS', wholeNumber({ min: 0, max: 60_000, byDefault: 5_000 }), {
    example: '5000',
    meaning: 'How long a message whose handler fails is retried while its partition waits, at most 60000.',
  }),
  retryParkedMs: setting('RETRY_PARKED_MS', wholeNumber({ min: 0, max: 604_800_000, byDefault: 3_600_000 }), {
    example: '3600000',
    meaning:
      'How long the message is then retried while only its key waits, at most 7 days. After that it ' +
      'becomes a dead letter. 0: it becomes one at once.',
  }),
} satisfies Settings;
