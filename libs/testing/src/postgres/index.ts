export { startPostgresServer, type PostgresServer, type PostgresServerOptions } from './postgres-server.ts';
export { transactionsSentDuring, type SentTransaction } from './sent-transactions.ts';
export { gives, playSchedule, refused, type Outcome, type Step } from './schedule.ts';
export type { Work } from './schedule-session.ts';
export { createTestDatabase, type TestDatabase } from './test-database.ts';
export { createTestKeys } from './test-keys.ts';
export { withTransactionsElsewhere } from './transactions-elsewhere.ts';
