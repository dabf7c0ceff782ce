import { DataSource, type EntityTarget, type NamingStrategyInterface, type ObjectLiteral } from 'typeorm';

export interface ComparedEntities {
  readonly url: string;
  readonly entities: readonly EntityTarget<ObjectLiteral>[];
  readonly namingStrategy: NamingStrategyInterface;
}

/**
 * Returns the statements with which TypeORM would turn the migrated tables into those that the
 * entities declare: none if columns, types, NULL, keys, defaults and indexes agree. Check
 * constraints stand in the migrations only.
 */
export async function differencesFromTables(options: ComparedEntities): Promise<readonly string[]> {
  const source = new DataSource({
    type: 'postgres',
    url: options.url,
    entities: [...options.entities] as never[],
    namingStrategy: options.namingStrategy,
    installExtensions: false,
  });
  await source.initialize();
  try {
    const { upQueries } = await source.driver.createSchemaBuilder().log();
    return upQueries.map(({ query }) => query).filter((query) => !/DROP CONSTRAINT .*check/.test(query));
  } finally {
    await source.destroy();
  }
}
