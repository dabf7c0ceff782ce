import { databaseUrl, prefixOf } from './service-config.ts';
import { setting, type Setting } from './setting.ts';

/**
 * The setting for a separate database of a service's read models, such as
 * `ORDER_READ_DATABASE_URL`. Without it they live in the service's database.
 */
export const readModelConfig = (service: string) =>
  ({
    readDatabaseUrl: setting(`${prefixOf(service)}_READ_DATABASE_URL`, databaseUrl.optional(), {
      example: `postgres://millrace:secret@127.0.0.1:54329/${service}_read`,
      meaning:
        "The database of the read models that follow topics. By default they are in the service's " +
        'own database.',
    }),
  }) satisfies Record<string, Setting>;
