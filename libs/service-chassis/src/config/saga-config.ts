import { setting, type Setting, wholeNumber } from './setting.ts';

/** These settings determine how long a saga waits for the reply to a step. */
export const sagaConfig = {
  /** The engine sends the command again after this long without a reply. */
  stepTimeoutMs: setting(
    'SAGA_STEP_TIMEOUT_MS',
    wholeNumber({ min: 100, max: 86_400_000, byDefault: 30_000 }),
    { example: '30000' },
  ),
  /** The engine gives up a step that can be compensated after this many unanswered re-sends. */
  stepResends: setting('SAGA_STEP_RESENDS', wholeNumber({ min: 0, max: 100, byDefault: 2 }), {
    example: '2',
  }),
} satisfies Record<string, Setting>;
