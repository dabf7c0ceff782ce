import {
  liveEventsSettings,
  setting,
  streamAppConfig,
  wholeNumber,
  type ConfigOf,
} from '@millrace/service-chassis/config';
import { z } from 'zod';

export const settings = {
  ...streamAppConfig('fraud', 3042),
  ...liveEventsSettings,
  distinct: setting(
    'FRAUD_DISTINCT',
    z.enum(['consecutive', 'pairwise'], 'must be consecutive or pairwise').default('consecutive'),
    {
      example: 'pairwise',
      meaning:
        'Which of the three countries of an alert must differ: `consecutive`, each from the one before, or ' +
        '`pairwise`, all three.',
    },
  ),
  graceMs: setting('FRAUD_GRACE_MS', wholeNumber({ min: 0, max: 600_000, byDefault: 30_000 }), {
    meaning:
      'How long a transaction waits for earlier ones, in event time. A transaction that arrives after that goes to ' +
      'the topic `late-transactions`, and one that is further in the future to `refused-transactions`.',
  }),
};
export type FraudConfig = ConfigOf<typeof settings>;
