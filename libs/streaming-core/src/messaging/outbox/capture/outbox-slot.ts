import type { SqlDatabase, SqlRow } from '../../../postgres/index.ts';

/** The publication of the outbox, one in each database. */
export const outboxPublication = 'millrace_outbox';

/** A replication slot that keeps the rows of the outbox for a connector. */
export interface OutboxSlot {
  /**
   * Unique, also after the database was restored: a worker keeps the offsets of connectors that it
   * removed, and none of them may fit a later slot.
   */
  readonly name: string;
  /** A connection reads it. */
  readonly active: boolean;
  /** The database has removed log that was not read: rows may be missing. */
  readonly lost: boolean;
}

const slotPrefix = 'millrace_outbox_';

const slotsOfOutbox = `
  SELECT slot_name AS name, active,
    (invalidation_reason IS NOT NULL OR wal_status = 'lost') IS TRUE AS lost
  FROM pg_replication_slots
  WHERE database = current_database() AND plugin = 'pgoutput' AND starts_with(slot_name, '${slotPrefix}')
  ORDER BY slot_name`;

const publicationExists = `SELECT 1 FROM pg_publication WHERE pubname = '${outboxPublication}'`;

const createPublication = `
  CREATE PUBLICATION ${outboxPublication} FOR TABLE outbox WITH (publish = 'insert', publish_via_partition_root = true)`;

/** Waits until every transaction has ended that runs in the cluster when it begins. */
const createSlot = `SELECT pg_create_logical_replication_slot($1, 'pgoutput')`;

const dropSlot = 'SELECT pg_drop_replication_slot($1)';

const lastPosition = `
  SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS position FROM outbox_position_sequence`;

/** The end of the log. The commit of every row that an earlier statement has seen lies before it. */
export const endOfLog = `SELECT pg_current_wal_insert_lsn()::text AS lsn`;

/** $1 slot, $2 place in the log. */
export const slotProgress = `
  SELECT active, (invalidation_reason IS NOT NULL OR wal_status = 'lost') IS TRUE AS lost,
    (confirmed_flush_lsn >= $2::pg_lsn) IS TRUE AS passed
  FROM pg_replication_slots WHERE slot_name = $1 AND database = current_database()`;

/** Returns the slots of this database's outbox. */
export async function outboxSlots(database: SqlDatabase): Promise<readonly OutboxSlot[]> {
  return (await database.query<OutboxSlot & SqlRow>(slotsOfOutbox)).rows;
}

/** Rejects while somebody reads the slot. */
export async function dropOutboxSlot(database: SqlDatabase, name: string): Promise<void> {
  await database.query(dropSlot, [name]);
}

/** A slot, and a position that every row has or is below that was committed before the slot begins. */
export interface NewSlot {
  readonly name: string;
  readonly fence: bigint;
}

/** Names a new slot. */
export const slotName = (uuid: string): string => slotPrefix + uuid.replaceAll('-', '');

/** Creates the publication, unless it exists, and a slot. Rejects with the remedy where the database is not prepared. */
export async function createOutboxSlot(database: SqlDatabase, name: string): Promise<NewSlot> {
  try {
    if ((await database.query(publicationExists)).rowCount === 0) await database.query(createPublication);
    await database.query(createSlot, [name]);
    const { rows } = await database.query<{ position: string }>(lastPosition);
    return { name, fence: BigInt(rows[0]!.position) };
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
