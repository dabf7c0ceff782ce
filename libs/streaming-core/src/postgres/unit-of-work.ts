import type { SqlTransaction } from './sql.ts';

/** A kind of write that can wait for the end of a unit of work, where everything of its kind is written in one statement. */
export interface CollectedWrite<Item> {
  /** Lower ranks are written first. */
  readonly rank: number;
  /**
   * Gets the items in the order in which they were collected. Sends what it can at once: writes of higher rank are sent without waiting for the
   * answer. What it collects itself is written after all of them.
   */
  write(transaction: SqlTransaction, items: readonly Item[]): Promise<void>;
}

/** Events come before what projections write for them, and positions of the outbox last: they are held for the shortest time. */
export const writeRanks = Object.freeze({ events: 1, projections: 2, rows: 3, externalCalls: 4, outbox: 5 });

type AnyWrite = CollectedWrite<never>;

const openUnits = new WeakMap<SqlTransaction, Map<AnyWrite, unknown[]>>();

/**
 * Runs `work` and then writes everything that it has collected for this transaction, so that a batch costs one statement of each kind whatever
 * the number of its messages. Resolves before the COMMIT, which the caller awaits as ever: all of it commits, or nothing does. Raw statements
 * of `work` do not see what is collected. A unit within a unit is part of the outer one.
 */
export async function unitOfWork<Result>(
  transaction: SqlTransaction,
  work: () => Promise<Result>,
): Promise<Result> {
  if (openUnits.has(transaction)) return work();
  const collected = new Map<AnyWrite, unknown[]>();
  openUnits.set(transaction, collected);
  try {
    const result = await work();
    await writeAll(transaction, collected);
    return result;
  } finally {
    openUnits.delete(transaction);
  }
}

/** Adds to the transaction's unit of work; writes at once where there is none. */
export async function collect<Item>(
  transaction: SqlTransaction,
  kind: CollectedWrite<Item>,
  items: readonly Item[],
): Promise<void> {
  if (items.length === 0) return;
  const collected = openUnits.get(transaction);
  if (collected === undefined) return kind.write(transaction, items);
  const earlier = collected.get(kind);
  if (earlier === undefined) collected.set(kind, [...items]);
  else earlier.push(...items);
}

/** One round trip for what does not wait for answers of its own. Nothing is in flight any more when it resolves or rejects. */
async function writeAll(transaction: SqlTransaction, collected: Map<AnyWrite, unknown[]>): Promise<void> {
  while (collected.size > 0) {
    const writes = [...collected].sort(([one], [other]) => one.rank - other.rank);
    collected.clear();
    await allOf(writes.map(([kind, items]) => (kind as CollectedWrite<unknown>).write(transaction, items)));
  }
}

/**
 * Waits for all, and then rejects with the error that made the transaction fail: not with that of a write of lower rank, which sent a later
 * statement and found it failed (25P02, in_failed_sql_transaction). Whether a message is at fault is decided by this error.
 */
async function allOf(writes: readonly Promise<void>[]): Promise<void> {
  const outcomes = await Promise.allSettled(writes);
  const errors = outcomes.flatMap((outcome) =>
    outcome.status === 'rejected' ? [outcome.reason as unknown] : [],
  );
  if (errors.length > 0) throw errors.find((error) => !isConsequence(error)) ?? errors[0];
}

const isConsequence = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === '25P02';
