import { orderStyle } from '@millrace/contracts';
import { z } from 'zod';
import { setting, wholeNumber, type Setting } from '@millrace/service-chassis/config';

const daysMax = 365 * 86_400_000;

export const choreographyConfig = {
  style: setting(
    'ORDER_STYLE',
    z.enum(orderStyle.options, 'must be orchestrated or choreographed').default('orchestrated'),
    {
      example: 'choreographed',
      meaning:
        'How new orders are fulfilled unless a request names a `style`: a saga directs the services (`orchestrated`), ' +
        'or each reacts to the events of the others (`choreographed`). Set it once every process of every service ' +
        'runs a release that knows choreographed orders.',
    },
  ),
  deadlineMs: setting('ORDER_DEADLINE_MS', wholeNumber({ min: 100, max: daysMax, byDefault: 90_000 }), {
    meaning:
      'How long a choreographed order may take to be completed before its details are published once more, and then ' +
      'again before it fails (`step_timeout`). `npm start` with sample orders sets 12000.',
  }),
} satisfies Record<string, Setting>;
