import { join } from 'node:path';
import {
  appConfig,
  opsSettings,
  refuseOpenAccess,
  setting,
  token,
  tokenInFile,
  type ConfigOf,
} from '@millrace/service-chassis/config';
import { z } from 'zod';

const flag = z
  .enum(['0', '1'], 'must be 0 or 1')
  .default('0')
  .transform((text) => text === '1');

export const settings = {
  ...appConfig('console', 3010),
  token: setting('CONSOLE_TOKEN', token.optional(), {
    example: 'a-long-random-text',
    meaning:
      'The token with which people sign in to the console, 16 to 512 characters. Without it, only ' +
      'requests to a loopback address are answered.',
  }),
  tokenInFile: setting('CONSOLE_TOKEN_FILE', tokenInFile.optional(), {
    example: '/run/secrets/console-token',
    meaning: 'A file that has the token, instead of `CONSOLE_TOKEN`. It is read at the start.',
  }),
  access: { readTogether: refuseOpenAccess('CONSOLE') },
  readOnly: setting('CONSOLE_READ_ONLY', flag, {
    example: '1',
    meaning: '`1`: the console shows everything and refuses every act, for demonstrations.',
  }),
  faults: setting('MILLRACE_FAULTS', flag, {
    example: '1',
    meaning:
      '`1`: the page `Faults` kills and pauses the processes of the stack on this machine. `npm start` must have ' +
      'the setting too, and passes it on.',
  }),
  pageFolder: setting('PAGE_FOLDER', z.string().default(join(import.meta.dirname, '../dist/page')), {
    example: 'apps/console/dist/page',
    meaning: 'The folder of the built page. `npm start` and the images set it.',
  }),
  opsToken: opsSettings.opsToken,
  opsTokenInFile: opsSettings.opsTokenInFile,
};
export type ConsoleConfig = ConfigOf<typeof settings>;
