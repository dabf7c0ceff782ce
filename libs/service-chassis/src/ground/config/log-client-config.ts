import { bootstrapServersOf, readConnectionSecurity } from '@millrace/streaming-core/client';
import { z } from 'zod';
import { token } from '../provide.ts';
import { appConfig, prefixOf, type AppConfig, type AppIdentity } from './app-config.ts';
import { opsSettings } from './ops-settings.ts';
import { roleNames, roles } from './roles.ts';
import { setting, type ConfigOf, type Settings } from './setting.ts';
import { streamWatchSettings, type WatchConfig } from './watch-settings.ts';

/** An app that reads or writes topics. */
export interface LogClientIdentity extends AppIdentity {
  readonly config: AppConfig & LogClientConfig;
}

/** True for an app whose settings include those of its watches and alarms. */
export const isWatched = (app: AppIdentity): app is AppIdentity & { readonly config: WatchConfig } =>
  'watchEveryMs' in app.config;

/** The name and the settings of an app that reads or writes topics. */
export const LOG_CLIENT = token<LogClientIdentity>('LogClientIdentity');

/** True for an app whose settings include those of `logClientSettings`. */
export const isLogClient = (app: AppIdentity): app is LogClientIdentity => 'bootstrapServers' in app.config;

const brokers = z.string().transform((text, context) => {
  const servers = bootstrapServersOf(text);
  if (servers !== undefined) return servers;
  context.addIssue('must be HOST:PORT, up to 20 of them separated by commas');
  return z.NEVER;
});

const instanceName = z
  .string()
  .regex(/^[A-Za-z0-9.-]{1,100}$/, 'must have 1 to 100 letters, digits, dots or dashes')
  .optional();

/** The settings of every app that reads or writes topics: its processes, and how they reach the brokers. */
export const logClientSettings = (app: string) =>
  ({
    /** Without a name, every start joins the group as a new member. */
    instance: setting(instanceVariable(app), instanceName, {
      example: `${app}-1`,
      meaning:
        'A name that this process keeps across restarts. A process that is restarted under its name ' +
        'gets its partitions and its relay lease back at once. If two live processes have the same ' +
        'name, the older one stops and says so. `npm start` sets `order-1`.',
    }),
    roles: setting('ROLES', roles, {
      example: roleNames.join(','),
      meaning: 'The roles of this process, separated by commas.',
    }),
    bootstrapServers: setting('KAFKA_BOOTSTRAP_SERVERS', brokers, {
      example: '127.0.0.1:9092',
      meaning: '`host:port` of the brokers, separated by commas.',
    }),
    security: { readTogether: (environment) => readConnectionSecurity(environment) },
  }) satisfies Settings;

/** The name of the variable, such as `ORDER_INSTANCE`. */
export const instanceVariable = (app: string): string => `${prefixOf(app)}_INSTANCE`;

type LogClientConfig = ConfigOf<ReturnType<typeof logClientSettings>>;

/** The setting of an app that keeps state in files. */
export const stateSettings = (app: string) =>
  ({
    stateDir: setting(`${prefixOf(app)}_STATE_DIR`, z.string().min(1).max(1_024), {
      example: `/var/lib/${app}`,
      meaning:
        'The folder of the state. Each process needs one of its own, which it keeps across restarts; a ' +
        'process without its state restores it from the log. `npm start` sets a folder in the data folder.',
    }),
  }) satisfies Settings;

/** The settings of an app that reads or writes topics, with its operator API and its alarms. */
export const logAppConfig = (app: string, port: number) =>
  ({
    ...appConfig(app, port),
    ...logClientSettings(app),
    ...opsSettings,
    ...streamWatchSettings,
  }) satisfies Settings;

/** The settings of a stream application: state and topics. `databaseSettings` adds a database. */
export const streamAppConfig = (app: string, port: number) =>
  ({
    ...logAppConfig(app, port),
    ...stateSettings(app),
  }) satisfies Settings;
