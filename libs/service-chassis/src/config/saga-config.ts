import { setting, type Setting, wholeNumber } from './setting.ts';

/** How long a saga waits for a step's answer. */
export const sagaConfig = {
  /** Silence after which a command is sent again. */
  stepTimeoutMs: setting(
    'SAGA_STEP_TIMEOUT_MS',
    wholeNumber({ min: 100, max: 86_400_000, byDefault: 30_000 }),
    { example: '30000' },
  ),
  /** After so many unanswered re-sends a step that can be undone is given up. */
  stepResends: setting('SAGA_STEP_RESENDS', wholeNumber({ min: 0, max: 100, byDefault: 2 }), {
    example: '2',
  }),
} satisfies Record<string, Setting>;
