import type { RecordMetadata } from '../../client/index.ts';
import type { RelayLease } from './relay-lease.ts';
import type { StoredOutboxRow } from './relay-record.ts';

/** Publishes rows under a lease. After a failure of the log, the relay repeats the failed call. */
export interface Publisher {
  /** Prepares to publish under a new lease. May move the cursor, so call it before reading rows. */
  begin(lease: RelayLease): Promise<void>;
  /**
   * Sends the rows that have not been published, and resolves to their places on the log once they
   * are there. The caller then moves the cursor.
   */
  send(lease: RelayLease, rows: readonly StoredOutboxRow[]): Promise<readonly RecordMetadata[]>;
}
