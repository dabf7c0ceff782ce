import { AsyncLocalStorage } from 'node:async_hooks';
import type { SqlDatabase, SqlTransaction } from '@millrace/streaming-core/postgres';
import type { DataSource, EntityTarget, ObjectLiteral, Repository } from 'typeorm';
import { entityManagerOf } from './typeorm-database.ts';
import { token } from '../ground/provide.ts';

/**
 * Gives controllers access to rows: in the transaction of their request if it has one, otherwise
 * straight from the pool.
 */
export interface Entities {
  of<Row extends ObjectLiteral>(entity: EntityTarget<Row>): Repository<Row>;
}

/**
 * The repositories of the service's own database. In a request with a transaction they read and
 * write in that transaction.
 */
export const ENTITIES = token<Entities>('Entities');

export const entitiesOf = (source: DataSource): Entities => ({
  of(entity) {
    const open = requestTransaction();
    return (open === undefined ? source.manager : entityManagerOf(open.transaction)).getRepository(entity);
  },
});

/** The one transaction for everything that a request does. */
interface RequestTransaction {
  readonly transaction: SqlTransaction;
  /**
   * The number of the attempt. It is above 1 when the whole request is repeated after a conflict.
   */
  readonly attempt: number;
}

/**
 * Holds the transaction until the request's work is over. Work that the request started and did not
 * await must not write into a transaction that is ending.
 */
interface Slot {
  open?: RequestTransaction;
}

const storage = new AsyncLocalStorage<Slot>();

/** Returns the transaction of the current request, or undefined where each call has its own. */
export const requestTransaction = (): RequestTransaction | undefined => storage.getStore()?.open;

/**
 * Runs a request's work. All of it joins the transaction through `DATABASE`, `COMMAND_HANDLER` and
 * `ENTITIES`. The caller keeps the transaction open (`keepOpen`), so that no part of the work
 * commits it.
 */
export function inRequestTransaction<Result>(
  open: RequestTransaction,
  work: () => Promise<Result>,
): Promise<Result> {
  const slot: Slot = { open };
  return storage.run(slot, async () => {
    try {
      return await work();
    } finally {
      delete slot.open;
    }
  });
}

/**
 * Wraps the database so that statements inside a request's transaction become part of it. Outside
 * of one, nothing changes.
 */
export const joiningRequests = (database: SqlDatabase): SqlDatabase => ({
  query: (text, values) => (requestTransaction()?.transaction ?? database).query(text, values),
  transaction(work) {
    const open = requestTransaction();
    return open === undefined ? database.transaction(work) : work(open.transaction);
  },
});
