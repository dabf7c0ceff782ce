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
  lostKeysId: setting('KEYS_DATABASE_LOST', z.uuid('must be a UUID').optional(), {
    example: '0c1f5b0e-6f5e-4b8a-9a53-2d1f0f6f2a11',
    meaning:
      'The id of a database of keys that is lost for good, backups included. A service whose personal data ' +
      'were sealed with its keys then goes on with those of `KEYS_DATABASE_URL`, and cannot read what was sealed before.',
  }),
  sealing: setting('PERSONAL_DATA_SEALING', z.enum(['on', 'off'], 'must be on or off').default('on'), {
    example: 'off',
    meaning:
      'Whether personal data is encrypted before it is stored. Set it to `off` during a rolling upgrade from ' +
      'a release that cannot read encrypted data, and remove the setting when no process of it is left.',
  }),
} satisfies Record<string, Setting>;
