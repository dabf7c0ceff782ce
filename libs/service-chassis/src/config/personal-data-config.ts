import { z } from 'zod';
import { databaseUrl } from './service-config.ts';
import { setting, type Setting } from './setting.ts';

/** The settings of a service that has personal data. */
export const personalDataConfig = {
  keysDatabaseUrl: setting('KEYS_DATABASE_URL', databaseUrl, {
    example: 'postgres://millrace:secret@127.0.0.1:54328/millrace_keys',
    meaning:
      'The database of the keys that personal data is encrypted with, for services that have some. ' +
      'It belongs on another PostgreSQL than the data, so that no backup of the data holds a key.',
  }),
  sealing: setting('PERSONAL_DATA_SEALING', z.enum(['on', 'off'], 'must be on or off').default('on'), {
    example: 'off',
    meaning:
      'Whether personal data is encrypted before it is stored. Set it to `off` during a rolling upgrade from ' +
      'a release that cannot read encrypted data, and remove the setting when no process of it is left.',
  }),
} satisfies Record<string, Setting>;
