import pg from 'pg';

/** A transaction as this process sent it to PostgreSQL. */
export interface SentTransaction {
  /** The texts of its statements, from `BEGIN` to `COMMIT` or `ROLLBACK`. */
  readonly statements: readonly string[];
  /** How often it sent statements and then waited for their answers. */
  readonly roundTrips: number;
}

interface OpenTransaction {
  readonly statements: string[];
  roundTrips: number;
  readonly ended: Promise<void>;
  readonly end: () => void;
}

type Query = (this: object, ...values: unknown[]) => unknown;

/**
 * Records the transactions that this process sends through node-postgres while `work` runs, in the
 * order of their ends, and waits for those that are still open. The counts do not depend on the
 * load of the machine.
 */
export async function transactionsSentDuring(
  work: () => Promise<unknown>,
): Promise<readonly SentTransaction[]> {
  const client = pg.Client.prototype as unknown as { query: Query };
  const { query } = client;
  const sent: SentTransaction[] = [];
  const open = new Map<object, OpenTransaction>();
  const unanswered = new WeakMap<object, number>();

  client.query = function recorded(this: object, ...values: unknown[]): unknown {
    const text = textOf(values[0]);
    if (text === 'BEGIN') open.set(this, begun());
    const transaction = open.get(this);
    const waiting = unanswered.get(this) ?? 0;
    transaction?.statements.push(text);
    if (transaction !== undefined && waiting === 0) transaction.roundTrips += 1;
    const result = query.apply(this, values);
    if (!(result instanceof Promise)) return result;
    unanswered.set(this, waiting + 1);
    const answered = () => {
      unanswered.set(this, (unanswered.get(this) ?? 1) - 1);
      if (text !== 'COMMIT' && text !== 'ROLLBACK') return;
      open.delete(this);
      if (transaction === undefined) return;
      sent.push(transaction);
      transaction.end();
    };
    result.then(answered, answered);
    return result;
  };
  try {
    await work();
    await Promise.all([...open.values()].map(({ ended }) => ended));
    return sent;
  } finally {
    client.query = query;
  }
}

function begun(): OpenTransaction {
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  return { statements: [], roundTrips: 0, ended, end };
}

const textOf = (asked: unknown): string =>
  typeof asked === 'string' ? asked : String((asked as { readonly text?: unknown } | undefined)?.text);
