import { z } from 'zod';
import { token } from '../provide.ts';
import { prefixOf, type AppConfig, type AppIdentity } from './app-config.ts';
import { setting, wholeNumber, type ConfigOf, type Settings } from './setting.ts';

export const databaseUrl = z
  .string()
  .refine(
    (text) => isUrlOf(text, ['postgres:', 'postgresql:']),
    'must be a URL that begins with postgres://',
  );

/** The settings of every app that has a database. */
export function databaseSettings(app: string) {
  const own = prefixOf(app);
  return {
    databaseUrl: setting(`${own}_DATABASE_URL`, databaseUrl, {
      example: `postgres://millrace:secret@127.0.0.1:54329/${app}`,
      meaning: '`postgres://user:password@host:port/database`, PostgreSQL 17 or newer.',
    }),
    databasePoolSize: setting(`${own}_DATABASE_POOL_SIZE`, wholeNumber({ min: 2, max: 200, byDefault: 6 }), {
      meaning: 'The number of connections to the database.',
    }),
    startupWaitMs: setting('STARTUP_WAIT_MS', wholeNumber({ min: 0, max: 600_000, byDefault: 30_000 }), {
      meaning: 'How long the service waits for its database when it starts.',
    }),
  } satisfies Settings;
}

/** An app that has a database: a service, or an optional app. */
export interface DatabaseClientIdentity extends AppIdentity {
  readonly config: AppConfig & ConfigOf<ReturnType<typeof databaseSettings>>;
}

export const DATABASE_CLIENT = token<DatabaseClientIdentity>('DatabaseClientIdentity');

/** True for an app whose settings include those of `databaseSettings`. */
export const isDatabaseClient = (app: AppIdentity): app is DatabaseClientIdentity =>
  'databaseUrl' in app.config;

function isUrlOf(text: string, protocols: readonly string[]): boolean {
  const url = URL.parse(text);
  return url !== null && protocols.includes(url.protocol) && url.pathname.length > 1;
}
