import { setting, type Setting, wholeNumber } from './setting.ts';

/** These settings determine how long a saga waits for the reply to a step. */
export const sagaConfig = {
  stepTimeoutMs: setting(
    'SAGA_STEP_TIMEOUT_MS',
    wholeNumber({ min: 100, max: 86_400_000, byDefault: 30_000 }),
    {
      example: '30000',
      meaning:
        'How long a step waits for an answer before its command is sent again. `npm start` with ' +
        'sample orders sets 4000.',
    },
  ),
  stepResends: setting('SAGA_STEP_RESENDS', wholeNumber({ min: 0, max: 100, byDefault: 2 }), {
    example: '2',
    meaning:
      'How often an unanswered command is sent again before the saga gives up a step that it can ' +
      'undo (`step_timeout`). 0: it gives up at the first timeout.',
  }),
} satisfies Record<string, Setting>;
