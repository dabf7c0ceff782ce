import { AsyncLocalStorage } from 'node:async_hooks';
import type { SqlDatabase, SqlTransaction } from '@millrace/streaming-core/postgres';

/** The one transaction that everything a request does belongs to. */
export interface RequestTransaction {
  readonly transaction: SqlTransaction;
  /** Above 1 when the whole request is done again after a conflict. */
  readonly attempt: number;
}

/** Emptied when the request's work is over: what it has started and left behind must not write into a transaction that is ending. */
interface Slot {
  open?: RequestTransaction;
}

const storage = new AsyncLocalStorage<Slot>();

/** The transaction of the request that is running now; undefined where each call has one of its own. */
export const requestTransaction = (): RequestTransaction | undefined => storage.getStore()?.open;

/** Runs a request's work, all of which joins its transaction by way of `DATABASE`, `STREAMS` and `ENTITIES`. */
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

/** The same database for whoever runs outside of a request's transaction; inside, its statements are part of it. */
export const joiningRequests = (database: SqlDatabase): SqlDatabase => ({
  query: (text, values) => (requestTransaction()?.transaction ?? database).query(text, values),
  transaction(work) {
    const open = requestTransaction();
    return open === undefined ? database.transaction(work) : work(open.transaction);
  },
});
