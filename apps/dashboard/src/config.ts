import { join } from 'node:path';
import {
  databaseSettings,
  liveEventsSettings,
  setting,
  streamAppConfig,
  wholeNumber,
  type ConfigOf,
} from '@millrace/service-chassis/config';
import { z } from 'zod';

export const settings = {
  ...streamAppConfig('dashboard', 3041),
  ...databaseSettings('dashboard'),
  ...liveEventsSettings,
  graceMs: setting('DASHBOARD_GRACE_MS', wholeNumber({ min: 0, max: 600_000, byDefault: 10_000 }), {
    meaning:
      'How long after its end a minute stays open for views that arrive out of order, in event time. A view that ' +
      'arrives later counts as late.',
  }),
  redisUrl: setting('REDIS_URL', z.url({ protocol: /^rediss?$/ }).optional(), {
    example: 'redis://127.0.0.1:6379',
    meaning: 'The Redis into which the figures are also written. Without it, they are only in PostgreSQL.',
  }),
  pageFolder: setting('PAGE_FOLDER', z.string().default(join(import.meta.dirname, '../dist/page')), {
    example: 'apps/dashboard/dist/page',
    meaning: 'The folder of the built page. `npm start` and the images set it.',
  }),
};
export type DashboardConfig = ConfigOf<typeof settings>;
