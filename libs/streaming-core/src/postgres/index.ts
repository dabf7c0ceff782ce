export {
  migrate,
  pendingMigrations,
  streamingCoreMigrations,
  type MigrateOptions,
  type Migration,
  type MigrationFolder,
} from './migrate.ts';
export { mayTakeLong, pgDatabase, runStatement, type PgStatement } from './pg-database.ts';
export { beginTransaction, isPipelining } from './pipelining.ts';
export {
  createPrefixReader,
  oldestWriter,
  type Blocker,
  type Hole,
  type PositionedRow,
  type PrefixReader,
  type PrefixReaderOptions,
} from './prefix-reader.ts';
export { SqlError, type Queryable, type SqlErrorCode, type SqlResult, type SqlRow } from './sql.ts';
export type { Sent } from './collected-writes.ts';
export {
  SqlTransaction,
  type TransactionState,
  writeRanks,
  type CollectedWrite,
  type FindWorker,
  type SqlDatabase,
  type TransactionConnection,
} from './transaction.ts';
