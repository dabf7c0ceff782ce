/** Take the lock (`lockRunner`) first, because two runners may both find the table missing. */
export const createMigrationTable = `
  CREATE TABLE IF NOT EXISTS schema_migration (
    library    text        NOT NULL,
    number     integer     NOT NULL,
    name       text        NOT NULL,
    sha256     text        NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (library, number)
  )`;

/**
 * The lock is held until the transaction of one file ends. A second runner waits and then finds the
 * file applied.
 */
export const lockRunner = `SELECT pg_advisory_xact_lock(hashtextextended('millrace schema_migration', 0))`;

/** Migrations have no time limit. The limit on transactions is meant for traffic. */
export const withoutTimeout = `SET LOCAL transaction_timeout = 0`;

export const migrationTableExists = `SELECT to_regclass('schema_migration') IS NOT NULL AS found`;

export const appliedMigrations = `SELECT library, number, name, sha256 FROM schema_migration WHERE library = $1 ORDER BY number`;

export const isApplied = `SELECT 1 FROM schema_migration WHERE library = $1 AND number = $2`;

export const recordMigration = `INSERT INTO schema_migration (library, number, name, sha256) VALUES ($1, $2, $3, $4)`;
