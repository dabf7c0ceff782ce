export { pgDatabase } from './pg-database.ts';
export type { SqlDatabase, SqlResult, SqlRow, SqlTransaction } from './sql.ts';
