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
  ...streamAppConfig('logs', 3045),
  ...databaseSettings('logs'),
  ...liveEventsSettings,
  folder: setting('LOGS_FOLDER', z.string().max(1_024).optional(), {
    example: '/var/log/millrace',
    meaning:
      'The folder whose `*.log` files this process ships, except for its own. Without it, the process ships none. ' +
      '`npm start` gives the folder of its log files to the first process.',
  }),
  retentionDays: setting('LOGS_RETENTION_DAYS', wholeNumber({ min: 1, max: 3_650, byDefault: 7 }), {
    meaning: 'How long the database keeps a line.',
  }),
  linesPerSecondMax: setting(
    'SINK_LINES_PER_SECOND_MAX',
    wholeNumber({ min: 0, max: 1_000_000, byDefault: 0 }),
    {
      meaning:
        'The most lines that the process writes to the database per second. The others wait in the topic. 0: no limit.',
    },
  ),
  pageFolder: setting('PAGE_FOLDER', z.string().default(join(import.meta.dirname, '../dist/page')), {
    example: 'apps/logs/dist/page',
    meaning: 'The folder of the built page. `npm start` and the images set it.',
  }),
};
export type LogsConfig = ConfigOf<typeof settings>;
