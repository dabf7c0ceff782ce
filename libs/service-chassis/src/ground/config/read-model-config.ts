import { databaseUrl, prefixOf } from './service-config.ts';
import { setting, type Setting, wholeNumber } from './setting.ts';

/**
 * The settings of a service's read models that follow topics. If their URL, for instance
 * `ORDER_READ_DATABASE_URL`, is not set, they are in the service's database.
 */
export const readModelConfig = (service: string) =>
  ({
    readDatabaseUrl: setting(`${prefixOf(service)}_READ_DATABASE_URL`, databaseUrl.optional(), {
      example: `postgres://millrace:secret@127.0.0.1:54329/${service}_read`,
      meaning:
        "The database of the read models that follow topics. By default they are in the service's " +
        'own database.',
    }),
    readModelDelayMs: setting('READ_MODEL_DELAY_MS', wholeNumber({ min: 0, max: 10_000, byDefault: 100 }), {
      example: '100',
      meaning:
        'The pause after a message in these read models. What comes meanwhile shares a transaction. ' +
        '0: there is no pause. `millrace_end_to_end_duration_seconds` shows the whole delay, with ' +
        'the name of the projector as `group`.',
    }),
  }) satisfies Record<string, Setting>;
