import type { TransactionalProducer } from '../../client/index.ts';
import type { SqlDatabase } from '../../postgres/index.ts';
import { refuseOlderDatabase } from './older-database.ts';
import type { RelayLease } from './relay-lease.ts';
import type { RelayTransactions } from './relay-transactions.ts';

export interface TakeOverOptions {
  readonly name: string;
  readonly database: SqlDatabase;
  readonly transactions: RelayTransactions;
}

/**
 * Fences every earlier producer of the relay, and moves the cursor in the database to the one on
 * the log if that is further. The cursor on the log counts only for the database that wrote it. A
 * cursor in the database that is further is right as well: it moves only over published rows.
 *
 * Rejects with `cursor_refused` if the database is older than the log, and with `lease_lost` if
 * another relay has taken the lease. Two relays would otherwise fence each other in turn.
 */
export async function takeOverLog(
  { name, database, transactions }: TakeOverOptions,
  lease: RelayLease,
): Promise<TransactionalProducer> {
  const { producer, cursor } = await transactions.takeOver();
  const ours = cursor?.storeId === lease.storeId ? cursor : undefined;
  await refuseOlderDatabase(database, { name, position: lease.position }, ours);
  const further = ours !== undefined && ours.position > lease.position;
  await lease.advance(further ? ours.position : lease.position);
  return producer;
}
