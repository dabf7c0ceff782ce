import type { EntityClass } from '@millrace/read-models';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import type { DataSource, Repository } from 'typeorm';
import { createDataSource, type DatabaseOptions } from '../../database/data-source.ts';
import { typeOrmDatabase } from '../../database/typeorm-database.ts';
import { token } from '../../ground/provide.ts';

/**
 * The `SqlDatabase` of the read models: their own if `ORDER_READ_DATABASE_URL` is set, otherwise
 * the service's.
 */
export const READ_DATABASE = token<SqlDatabase>('SqlDatabase of the read models');

/** The repositories of the read models, in the database of `READ_DATABASE`. */
export interface ReadEntities {
  /** Rejects while a separate database is unreachable, which the caller sees as a 503. */
  of<Row extends object>(entity: EntityClass<Row>): Promise<Repository<Row>>;
}

/**
 * The repositories of the read models that follow topics. `of` rejects, and the caller gets 503,
 * while their database cannot be reached.
 */
export const READ_ENTITIES = token<ReadEntities>('ReadEntities');

export interface OwnReadDatabase {
  readonly database: SqlDatabase;
  readonly entities: ReadEntities;
  close(): Promise<void>;
}

/**
 * Opens a data source that connects at its first query, so that a service starts and accepts writes
 * while its read database is unreachable.
 */
export function openReadDatabase(options: DatabaseOptions): OwnReadDatabase {
  const source = createDataSource(options);
  const opened = typeOrmDatabase(source);
  let opening: Promise<DataSource> | undefined;

  function open(): Promise<DataSource> {
    opening ??= source.initialize().catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  }

  return {
    database: {
      async query(text, values) {
        await open();
        return opened.query(text, values);
      },
      async transaction(work) {
        await open();
        return opened.transaction(work);
      },
    },
    entities: { of: async (entity) => (await open()).getRepository(entity) },
    async close() {
      await opening?.catch(() => undefined);
      if (source.isInitialized) await source.destroy();
    },
  };
}
