export { startPostgresServer, type PostgresServer, type PostgresServerOptions } from './postgres-server.ts';
export { createTestDatabase, type TestDatabase } from './test-database.ts';
