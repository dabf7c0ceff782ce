import type { SqlDatabase, SqlRow } from '../../../postgres/index.ts';
import type { RelayLease } from '../relay-lease.ts';

/**
 * A replication slot that keeps the rows of the outbox for a connector, and the publication of the
 * same name. A connector whose slot is dropped reads nothing any more, even if it creates the slot
 * again, because it creates no publication.
 */
export interface OutboxSlot {
  /**
   * Unique, also after the database was restored: a worker keeps the offsets of connectors that it
   * removed, and none of them may fit a later slot.
   */
  readonly name: string;
  /** A connection reads it. */
  readonly active: boolean;
  /** The slot or its publication is gone, or write-ahead log that was not read: rows may be missing. */
  readonly lost: boolean;
}

const slotPrefix = 'millrace_outbox_';

/** The characters that PostgreSQL allows in the name of a slot, so that it needs no quotes. */
const isOurs = (name: string): string => `${name} ~ '^${slotPrefix}[a-z0-9_]+$'`;

const slotsOfOutbox = `
  SELECT name, active IS TRUE AS active,
    (slot.name IS NULL OR publication.name IS NULL OR invalidation_reason IS NOT NULL OR wal_status = 'lost') IS TRUE AS lost
  FROM (
    SELECT slot_name AS name, active, invalidation_reason, wal_status FROM pg_replication_slots
    WHERE database = current_database() AND plugin = 'pgoutput' AND ${isOurs('slot_name')}
  ) AS slot
  FULL JOIN (SELECT pubname AS name FROM pg_publication WHERE ${isOurs('pubname')}) AS publication USING (name)
  ORDER BY name`;

const createPublication = (name: string) =>
  `CREATE PUBLICATION ${name} FOR TABLE outbox WITH (publish = 'insert', publish_via_partition_root = true)`;

/** Waits until every transaction has ended that runs in the cluster when it begins. */
const createSlot = `SELECT pg_create_logical_replication_slot($1, 'pgoutput')`;

const dropSlot = `
  SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots
  WHERE slot_name = $1 AND database = current_database()`;

const dropPublication = (name: string) => `DROP PUBLICATION IF EXISTS ${name}`;

const lastPosition = `
  SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS position FROM outbox_position_sequence`;

/** The end of the write-ahead log. The commit of every row that an earlier statement has seen lies before it. */
export const endOfLog = `SELECT pg_current_wal_insert_lsn()::text AS lsn`;

/** $1 slot, $2 place in the write-ahead log. */
export const slotProgress = `
  SELECT active,
    (invalidation_reason IS NOT NULL OR wal_status = 'lost'
      OR NOT EXISTS (SELECT FROM pg_publication WHERE pubname = slot_name)) IS TRUE AS lost,
    (confirmed_flush_lsn >= $2::pg_lsn) IS TRUE AS passed
  FROM pg_replication_slots WHERE slot_name = $1 AND database = current_database()`;

/** Returns the slots of this database's outbox. */
export async function outboxSlots(database: SqlDatabase): Promise<readonly OutboxSlot[]> {
  return (await database.query<OutboxSlot & SqlRow>(slotsOfOutbox)).rows;
}

/** Drops a slot and its publication, as far as they exist. Rejects while somebody reads the slot. */
export async function dropOutboxSlot(database: SqlDatabase, name: string): Promise<void> {
  await database.query(dropSlot, [name]);
  await database.query(dropPublication(name));
}

/**
 * Drops the slots that nobody reads, but not this one. A relay that lost its lease while it created
 * a slot leaves it if it is killed, and it keeps the log. One that still creates a slot drops it.
 */
export async function dropUnreadSlots(database: SqlDatabase, lease: RelayLease, but?: string): Promise<void> {
  for (const { name, active } of await outboxSlots(database)) {
    if (active || name === but) continue;
    lease.assertHeld(); // the next holder may have created it
    await dropOutboxSlot(database, name);
  }
}

/** A new slot. Every row committed before its start has a position of at most `lastPositionBefore`. */
export interface NewSlot {
  readonly name: string;
  readonly lastPositionBefore: bigint;
}

/** Names a new slot. */
export const slotName = (uuid: string): string => slotPrefix + uuid.replaceAll('-', '');

/** Rejects with the remedy where the database is not prepared. */
export async function createOutboxSlot(database: SqlDatabase, name: string): Promise<NewSlot> {
  try {
    await database.query(createPublication(name));
    await database.query(createSlot, [name]);
    const { rows } = await database.query<{ position: string }>(lastPosition);
    return { name, lastPositionBefore: BigInt(rows[0]!.position) };
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
