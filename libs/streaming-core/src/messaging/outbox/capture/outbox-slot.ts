import type { SqlDatabase, SqlRow } from '../../../postgres/index.ts';

/** The publication of the outbox, one in each database. */
export const outboxPublication = 'millrace_outbox';

/** A replication slot that keeps the rows of the outbox for a connector. */
export interface OutboxSlot {
  /** Names are unique in a cluster and never used again, so an offset of an earlier slot fits none. */
  readonly name: string;
  /** A connection reads it. */
  readonly active: boolean;
  /** The database has removed write-ahead log that was not read: rows may be missing. */
  readonly lost: boolean;
}

const slotPrefix = `'millrace_outbox_' || (SELECT oid FROM pg_database WHERE datname = current_database()) || '_'`;

const slotsOfOutbox = `
  SELECT slot_name AS name, active,
    (invalidation_reason IS NOT NULL OR wal_status = 'lost') IS TRUE AS lost
  FROM pg_replication_slots
  WHERE database = current_database() AND plugin = 'pgoutput' AND starts_with(slot_name, ${slotPrefix})
  ORDER BY slot_name`;

const publicationExists = `SELECT 1 FROM pg_publication WHERE pubname = '${outboxPublication}'`;

const createPublication = `
  CREATE PUBLICATION ${outboxPublication} FOR TABLE outbox WITH (publish = 'insert', publish_via_partition_root = true)`;

/**
 * Waits until every transaction has ended that runs in the cluster when it begins. $1 is unique in
 * this database.
 */
const createSlot = `SELECT slot_name AS name FROM pg_create_logical_replication_slot(${slotPrefix} || $1, 'pgoutput')`;

const dropSlot = 'SELECT pg_drop_replication_slot($1)';

const lastPosition = `
  SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS position FROM outbox_position_sequence`;

/** The end of the write-ahead log. The commit of every row that an earlier statement has seen lies before it. */
export const endOfLog = `SELECT pg_current_wal_insert_lsn()::text AS lsn`;

/** $1 slot, $2 place in the write-ahead log. */
export const slotProgress = `
  SELECT active, (invalidation_reason IS NOT NULL OR wal_status = 'lost') IS TRUE AS lost,
    (confirmed_flush_lsn >= $2::pg_lsn) IS TRUE AS passed
  FROM pg_replication_slots WHERE slot_name = $1 AND database = current_database()`;

/** Returns the slot of this database's outbox, if there is one. */
export async function findOutboxSlot(database: SqlDatabase): Promise<OutboxSlot | undefined> {
  return (await database.query<OutboxSlot & SqlRow>(slotsOfOutbox)).rows.at(-1);
}

/**
 * Drops every slot of this database's outbox. From then on no connector reads the outbox. Rejects
 * while one is read.
 */
export async function dropOutboxSlots(database: SqlDatabase): Promise<void> {
  const { rows } = await database.query<OutboxSlot & SqlRow>(slotsOfOutbox);
  for (const { name } of rows) await database.query(dropSlot, [name]);
}

/** A new slot. Every row committed before its start has a position of at most `lastPositionBefore`. */
export interface NewSlot {
  readonly name: string;
  readonly lastPositionBefore: bigint;
}

/** Creates the publication, unless it exists, and a slot. Rejects with the remedy where the database is not prepared. */
export async function createOutboxSlot(database: SqlDatabase, generation: string): Promise<NewSlot> {
  try {
    if ((await database.query(publicationExists)).rowCount === 0) await database.query(createPublication);
    const { rows } = await database.query<{ name: string }>(createSlot, [generation]);
    const { rows: last } = await database.query<{ position: string }>(lastPosition);
    return { name: rows[0]!.name, lastPositionBefore: BigInt(last[0]!.position) };
  } catch (error) {
    throw new Error(`${(error as Error).message}${remedyOf((error as { code?: string }).code)}`, {
      cause: error,
    });
  }
}

function remedyOf(code: string | undefined): string {
  switch (code) {
    case '42501': // insufficient_privilege
      return ': with RELAY=cdc the role of the service owns the table outbox and has REPLICATION (ALTER ROLE ... REPLICATION)';
    case '55000': // object_not_in_prerequisite_state
      return ': with RELAY=cdc the server runs with wal_level = logical';
    default:
      return '';
  }
}
