import type { Client } from 'pg';
import { ConnectError } from '../../plugin/connect-error.ts';
import { formatLsn, parseLsn } from './lsn.ts';
import type { Position } from './position.ts';

const slotStatement = `
  SELECT plugin, database, active::text AS active, active_pid::text AS pid, confirmed_flush_lsn::text AS confirmed,
    coalesce(invalidation_reason, CASE wal_status WHEN 'lost' THEN 'wal_removed' END) AS invalid,
    (pg_current_wal_lsn() - restart_lsn)::bigint::text AS kept, pg_current_wal_lsn()::text AS current,
    current_database() AS here
  FROM pg_replication_slots WHERE slot_name = $1`;

/** A slot as `pg_replication_slots` shows it. */
export interface Slot {
  readonly plugin: string;
  readonly database: string | null;
  readonly active: string;
  readonly pid: string | null;
  readonly confirmed: string | null;
  readonly invalid: string | null;
  /** The bytes of its log that PostgreSQL keeps for the slot, or null if it keeps none. */
  readonly kept: string | null;
  readonly current: string;
  readonly here: string;
}

export async function findSlot(client: Client, name: string): Promise<Slot | undefined> {
  return (await client.query<Slot>(slotStatement, [name])).rows[0];
}

export const dropSlot = (client: Client, name: string): Promise<unknown> =>
  client.query('SELECT pg_drop_replication_slot($1)', [name]);

const startOver =
  'take a new snapshot: stop the connector, delete its offsets (DELETE ' +
  '/connectors/NAME/offsets), drop the slot if it is there, and resume';

/** Throws if the slot cannot deliver every change since the position. */
export function assertUsable(name: string, slot: Slot | undefined, position?: Position): Slot {
  const read = position === undefined ? '' : `, and the connector has read up to ${formatLsn(position.lsn)}`;
  if (slot === undefined)
    throw new ConnectError(
      `the replication slot "${name}" does not exist${read}. A restored backup has no slots, and what ` +
        `was changed since then cannot be read from the log: ${startOver}`,
    );
  if (slot.plugin !== 'pgoutput' || slot.database !== slot.here)
    throw new ConnectError(
      `the replication slot "${name}" belongs to the plugin ${slot.plugin} in the database ` +
        `${slot.database ?? '(none)'}: set slot.name`,
    );
  if (slot.invalid !== null)
    throw new ConnectError(
      `the replication slot "${name}" is lost (${slot.invalid}): the database has removed write-ahead log that was not read yet` +
        `${read}. Raise max_slot_wal_keep_size, and ${startOver}`,
    );
  if (position !== undefined) assertWithin(name, slot, position);
  return slot;
}

function assertWithin(name: string, { confirmed, current }: Slot, { lsn }: Position): void {
  if (parseLsn(current) < lsn)
    throw new ConnectError(
      `the connector has read up to ${formatLsn(lsn)}, but the write-ahead log of the database ends at ${current}: ` +
        `an older copy of the database was restored, or it is another one. ${startOver}`,
    );
  if (confirmed !== null && parseLsn(confirmed) > lsn)
    throw new ConnectError(
      `the replication slot "${name}" begins at ${confirmed}, but the connector has read only up to ` +
        `${formatLsn(lsn)}: somebody has created the slot again, or another program has read it, and it ` +
        `has lost the changes between. ${startOver}`,
    );
}
