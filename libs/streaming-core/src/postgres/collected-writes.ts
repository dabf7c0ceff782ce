/**
 * A write whose statements have all been sent. It waits for their answers only to learn of
 * failures.
 */
export interface Sent {
  readonly answers: Promise<unknown>;
}

/** A kind of write that waits for the end of a unit of work of a transaction. */
export interface KindOfWrite<Transaction, Item> {
  /** Lower ranks are written first. */
  readonly rank: number;
  /**
   * Gets what the items still need from elsewhere, such as keys. No write of the unit of work sends a
   * statement before, so they leave together however long it takes.
   */
  prepare?(items: readonly Item[]): Promise<readonly Item[]>;
  /**
   * Writes the items, in the order in which they were collected. It should send its statements at
   * once, because writes of higher rank are sent without waiting for its answers. The items that it
   * collects itself are written after all of them. If it resolves to `Sent`, COMMIT is sent
   * together with its statements.
   */
  write(transaction: Transaction, items: readonly Item[]): Promise<Sent | void>;
}

/** The items of each kind that wait for the end of the unit of work. */
export type CollectedItems<Transaction> = Map<KindOfWrite<Transaction, never>, unknown[]>;

/**
 * Sends all writes in one round trip, unless a write waits for an answer. Nothing is in flight when
 * it resolves or rejects.
 */
export async function writeCollected<Transaction>(
  transaction: Transaction,
  collected: CollectedItems<Transaction>,
  allSent: () => void,
): Promise<void> {
  const pending: Promise<unknown>[] = [];
  let failed = false;
  while (collected.size > 0 && !failed) {
    const writes = [...collected].sort(([one], [other]) => one.rank - other.rank);
    collected.clear();
    const prepared = prepareAll(writes);
    const sending = writes.map(async ([kind], index) => {
      const items = (await prepared)[index] ?? [];
      const sent = await (kind as KindOfWrite<Transaction, unknown>).write(transaction, items);
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

const prepareAll = <Transaction>(
  writes: ReadonlyArray<readonly [KindOfWrite<Transaction, never>, readonly unknown[]]>,
): Promise<ReadonlyArray<readonly unknown[]>> =>
  Promise.all(
    writes.map(
      async ([kind, items]) => (kind as KindOfWrite<Transaction, unknown>).prepare?.(items) ?? items,
    ),
  );

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
