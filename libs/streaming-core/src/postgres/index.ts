export { leaveWork, workLeftBy } from './left-work.ts';
export { localWorker, withLocalWorkers, type FindWorker } from './local-workers.ts';
export { mayTakeLong, takesLong } from './long-statements.ts';
export { migrate, pendingMigrations, streamingCoreMigrations, type MigrateOptions } from './migrate.ts';
export type { Migration, MigrationFolder } from './migration-files.ts';
export { keepOpen, onEnd, untilCommitted, type TransactionConnection } from './open-transaction.ts';
export { pgDatabase } from './pg-database.ts';
export { runStatement, type PgStatement } from './pg-statement.ts';
export { beginPipelined } from './pipelined-transaction.ts';
export {
  createPrefixReader,
  oldestWriter,
  type Blocker,
  type Hole,
  type PositionedRow,
  type PrefixReader,
  type PrefixReaderOptions,
} from './prefix-reader.ts';
export { SqlError, type SqlErrorCode } from './sql-error.ts';
export type { SqlDatabase, SqlResult, SqlRow, SqlTransaction } from './sql.ts';
export {
  collect,
  lastUnitOfWork,
  unitOfWork,
  writeRanks,
  type CollectedWrite,
  type Sent,
} from './unit-of-work.ts';
