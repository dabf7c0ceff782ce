import { commitEarly } from './open-transaction.ts';
import type { SqlTransaction } from './sql.ts';

/**
 * A write whose statements have all been sent. It waits for their answers only to learn of
 * failures.
 */
export interface Sent {
  readonly answers: Promise<unknown>;
}

/**
 * A kind of write that waits for the end of a unit of work, where one statement writes everything
 * of the kind.
 */
export interface CollectedWrite<Item> {
  /** Lower ranks are written first. */
  readonly rank: number;
  /**
   * Writes the items, in the order in which they were collected. It should send its statements at
   * once, because writes of higher rank are sent without waiting for its answers. The items that it
   * collects itself are written after all of them. If it resolves to `Sent`, COMMIT is sent
   * together with its statements.
   */
  write(transaction: SqlTransaction, items: readonly Item[]): Promise<Sent | void>;
}

/**
 * Events come before the rows that projections write for them. The outbox comes last, so that its
 * positions are held open for the shortest time.
 */
export const writeRanks = Object.freeze({ events: 1, projections: 2, rows: 3, externalCalls: 4, outbox: 5 });

type AnyWrite = CollectedWrite<never>;

const openUnits = new WeakMap<SqlTransaction, Map<AnyWrite, unknown[]>>();

/**
 * Runs `work` and then writes everything that it has collected for this transaction. So a batch
 * costs one statement of each kind, however many messages it has. Resolves before the COMMIT, which
 * the caller sends as usual: either everything commits or nothing does. Statements that `work`
 * sends itself do not see the collected items. A unit within a unit is part of the outer one.
 */
export const unitOfWork = <Result>(
  transaction: SqlTransaction,
  work: () => Promise<Result>,
): Promise<Result> => runUnit(transaction, work, () => undefined);

/**
 * Like `unitOfWork`, for the end of a transaction: COMMIT is sent together with the last writes,
 * which saves a round trip. The caller may send no statement after it.
 */
export const lastUnitOfWork = <Result>(
  transaction: SqlTransaction,
  work: () => Promise<Result>,
): Promise<Result> => runUnit(transaction, work, () => commitEarly(transaction));

async function runUnit<Result>(
  transaction: SqlTransaction,
  work: () => Promise<Result>,
  allSent: () => void,
): Promise<Result> {
  if (openUnits.has(transaction)) return work();
  const collected = new Map<AnyWrite, unknown[]>();
  openUnits.set(transaction, collected);
  try {
    const result = await work();
    await writeAll(transaction, collected, allSent);
    return result;
  } finally {
    openUnits.delete(transaction);
  }
}

/** Adds items to the transaction's unit of work, or writes them at once if there is none. */
export async function collect<Item>(
  transaction: SqlTransaction,
  kind: CollectedWrite<Item>,
  items: readonly Item[],
): Promise<void> {
  if (items.length === 0) return;
  const collected = openUnits.get(transaction);
  if (collected === undefined) return void (await (await kind.write(transaction, items))?.answers);
  const earlier = collected.get(kind);
  if (earlier === undefined) collected.set(kind, [...items]);
  else earlier.push(...items);
}

/**
 * Sends all writes in one round trip, unless a write waits for an answer. Nothing is in flight when
 * it resolves or rejects.
 */
async function writeAll(
  transaction: SqlTransaction,
  collected: Map<AnyWrite, unknown[]>,
  allSent: () => void,
): Promise<void> {
  const pending: Promise<unknown>[] = [];
  let failed = false;
  while (collected.size > 0 && !failed) {
    const writes = [...collected].sort(([one], [other]) => one.rank - other.rank);
    collected.clear();
    const sending = writes.map(async ([kind, items]) => {
      const sent = await (kind as CollectedWrite<unknown>).write(transaction, items);
      if (sent === undefined) return;
      sent.answers.catch(() => undefined); // reported below
      pending.push(sent.answers);
    });
    pending.push(...sending);
    failed = (await Promise.allSettled(sending)).some(({ status }) => status === 'rejected');
  }
  if (!failed) allSent();
  await allOf(pending);
}

/**
 * Waits for all writes. If some fail, rejects with the error that made the transaction fail, and
 * not with that of a write whose later statement only found the transaction failed (25P02,
 * in_failed_sql_transaction), or was to be prepared by such a statement (26000,
 * invalid_sql_statement_name). The caller decides by this error whether a message is at fault.
 */
async function allOf(writes: readonly Promise<unknown>[]): Promise<void> {
  const outcomes = await Promise.allSettled(writes);
  const errors = outcomes.flatMap((outcome) =>
    outcome.status === 'rejected' ? [outcome.reason as unknown] : [],
  );
  if (errors.length > 0) throw errors.find((error) => !isConsequence(error)) ?? errors[0];
}

const isConsequence = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === '25P02' || error.code === '26000');
