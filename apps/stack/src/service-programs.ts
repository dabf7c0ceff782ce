import { join } from 'node:path';
import type { ServiceDefinition, StackDefinition } from './definition/define-stack.ts';
import { settingPrefix, type Listening } from './definition/service-processes.ts';
import type { Program } from './processes/launch-node.ts';

export interface ServiceAddresses {
  /** `postgres://user:password@host:port`, without a database. */
  readonly postgresUrl: string;
  readonly smtpUrl: string;
  /** The database of the keys, for the services that have personal data. */
  readonly keysUrl: string;
  /** The absolute path of the folder in which each process that keeps state has a folder of its own. */
  readonly stateFolder: string;
  /** The absolute path of the folder of the log files. */
  readonly logFolder: string;
}

/**
 * For a stream application, whose objects live until the next commit: with less, more of them are copied by
 * collections in between.
 */
const semiSpaceMbWithState = 16;

/** The console finds the system by the addresses that the stack publishes in its data folder. */
export const consoleProgram = ({ port, label }: Listening, dataFolder: string): Program => ({
  name: label,
  app: 'console',
  semiSpaceMb: 1, // it works little, and is 5 MB smaller than with more
  environment: {
    CONSOLE_PORT: String(port),
    MILLRACE_DATA: dataFolder,
    MILLRACE_SERVICES: '',
    MILLRACE_OPS: '',
    KAFKA_BOOTSTRAP_SERVERS: '',
  },
});

/** Lists the program of every process of every service, with its environment. */
export const servicePrograms = (
  { services }: StackDefinition,
  { postgresUrl, smtpUrl, keysUrl, stateFolder, logFolder }: ServiceAddresses,
): readonly Program[] =>
  Object.values<ServiceDefinition>(services).flatMap(
    ({ app, database, readDatabase, personalData, state, logFiles, processes }) =>
      processes.map(({ label, port, ops, instance, role }, index) => ({
        name: label,
        app,
        ...(state && { semiSpaceMb: semiSpaceMbWithState }),
        environment: {
          [`${settingPrefix(app)}_PORT`]: String(port),
          OPS_PORT: String(ops.port),
          [`${settingPrefix(app)}_DATABASE_URL`]: database === undefined ? '' : `${postgresUrl}/${database}`,
          [`${settingPrefix(app)}_READ_DATABASE_URL`]:
            readDatabase === undefined ? '' : `${postgresUrl}/${readDatabase}`,
          [`${settingPrefix(app)}_INSTANCE`]: instance,
          [`${settingPrefix(app)}_STATE_DIR`]: state ? join(stateFolder, instance) : '',
          ...(logFiles && { [`${settingPrefix(app)}_FOLDER`]: index === 0 ? logFolder : '' }),
          ROLES: role ?? '',
          KEYS_DATABASE_URL: personalData ? keysUrl : '',
          SMTP_URL: smtpUrl,
          ...workerOfConnectors(services),
        },
      })),
  );

/** Where the relays find the worker that publishes their outboxes with RELAY=cdc, if the stack has one. */
function workerOfConnectors(
  services: Readonly<Record<string, ServiceDefinition>>,
): Readonly<Record<string, string>> {
  const [worker] = services['connect']?.processes ?? [];
  return worker === undefined ? {} : { RELAY_CONNECT_URL: `http://127.0.0.1:${worker.port}` };
}
