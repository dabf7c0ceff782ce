import pg from 'pg';
import { writeCollected, type CollectedItems, type KindOfWrite } from './collected-writes.ts';
import { SqlError, type Queryable, type SqlResult, type SqlRow } from './sql.ts';

/** A database that opens transactions. Its `query` runs one statement in its own transaction. */
export interface SqlDatabase extends Queryable {
  /**
   * Commits when `work` resolves. When it rejects, rolls back and rejects with its error. The
   * isolation level is READ COMMITTED, and `transaction_timeout` limits the duration.
   */
  transaction<Result>(work: (transaction: SqlTransaction) => Promise<Result>): Promise<Result>;
}

/** The connection of one transaction, whose BEGIN has been sent. */
export interface TransactionConnection {
  query<Row extends SqlRow>(text: string, values: unknown[]): Promise<SqlResult<Row>>;
  /** Ends the transaction and resolves to PostgreSQL's answer, such as `COMMIT`. */
  end(statement: 'COMMIT' | 'ROLLBACK'): Promise<string>;
}

/** Finds a running worker of this process by its name. */
export type FindWorker = (worker: string) => object | undefined;

/** Declares a value that each transaction has one of. A library keeps there what it knows of it. */
export interface TransactionState<Value> {
  readonly create: () => Value;
}

/**
 * A kind of write that waits for the end of a unit of work, where one statement writes everything
 * of the kind.
 */
export type CollectedWrite<Item> = KindOfWrite<SqlTransaction, Item>;

/**
 * Events come before the rows that projections write for them. The outbox comes last, so that its
 * positions are held open for the shortest time.
 */
export const writeRanks = Object.freeze({ events: 1, projections: 2, rows: 3, externalCalls: 4, outbox: 5 });

type CollectedWrites = CollectedItems<SqlTransaction>;

type EndListener = (committed: boolean, error?: unknown) => void;

/** What a transaction and the views of it (`withQuery`) have in common. */
interface Shared {
  readonly connection: TransactionConnection;
  readonly findWorker: FindWorker;
  readonly states: Map<TransactionState<unknown>, unknown>;
  readonly workersToWake: Set<string>;
  readonly endListeners: EndListener[];
  collected?: CollectedWrites | undefined;
  committing?: Promise<string>;
  keptOpen: boolean;
  /** Whether a statement could not be sent, because of one of its values. */
  unsent: boolean;
}

/**
 * One open transaction on one connection. Events, inbox, outbox, offsets and an app's own entities
 * are all written through it, so that they commit together. Statements run in the order of the
 * calls.
 */
export class SqlTransaction implements Queryable {
  readonly #shared: Shared;
  readonly #query: Queryable['query'];

  private constructor(shared: Shared, query: Queryable['query']) {
    this.#shared = shared;
    this.#query = query;
  }

  /** Wraps a connection whose BEGIN has been sent. Its owner ends it (`commitAfter`). */
  static on(connection: TransactionConnection, findWorker: FindWorker = () => undefined): SqlTransaction {
    const shared: Shared = {
      connection,
      findWorker,
      states: new Map(),
      workersToWake: new Set(),
      endListeners: [],
      keptOpen: false,
      unsent: false,
    };
    return new SqlTransaction(shared, async (text, values = []) => {
      if (shared.committing !== undefined) throw new TypeError(`the transaction has already ended: ${text}`);
      let parameters: unknown[];
      try {
        parameters = values.map((value) => toParameter(value));
      } catch (error) {
        shared.unsent = true;
        throw error;
      }
      return connection.query(text, parameters);
    });
  }

  query<Row extends SqlRow = SqlRow>(text: string, values?: readonly unknown[]): Promise<SqlResult<Row>> {
    return this.#query(text, values);
  }

  /** Returns the same transaction with another way to run statements, for tests that watch them. */
  withQuery(query: Queryable['query']): SqlTransaction {
    return new SqlTransaction(this.#shared, query);
  }

  /** Returns the transaction's value of this kind, which it creates at the first call. */
  state<Value>(kind: TransactionState<Value>): Value {
    const { states } = this.#shared;
    if (!states.has(kind)) states.set(kind, kind.create());
    return states.get(kind) as Value;
  }

  /**
   * Calls `listener` once the transaction has ended: with true after an acknowledged commit, and
   * otherwise with false and the error.
   */
  onEnd(listener: EndListener): void {
    this.#shared.endListeners.push(listener);
  }

  /**
   * Wakes the named worker after the commit, because the transaction writes something that it looks
   * for. It is a hint, and nothing depends on it.
   */
  wakeAfterCommit(worker: string): void {
    this.#shared.workersToWake.add(worker);
  }

  get workersToWake(): ReadonlySet<string> {
    return this.#shared.workersToWake;
  }

  /** Returns the worker if it runs in this process, so that it can be given its work directly. */
  localWorker(worker: string): object | undefined {
    return this.#shared.findWorker(worker);
  }

  /** Adds items to the open unit of work, or writes them at once if there is none. */
  async collect<Item>(kind: CollectedWrite<Item>, items: readonly Item[]): Promise<void> {
    if (items.length === 0) return;
    const { collected } = this.#shared;
    if (collected === undefined) {
      const sent = await kind.write(this, (await kind.prepare?.(items)) ?? items);
      return void (await sent?.answers);
    }
    const ofAnyItem = kind as CollectedWrite<never>;
    const earlier = collected.get(ofAnyItem);
    if (earlier === undefined) collected.set(ofAnyItem, [...items]);
    else earlier.push(...items);
  }

  /**
   * Runs `work` and then writes everything that it has collected. So a batch costs one statement of
   * each kind, however many messages it has. Resolves before the COMMIT, which the caller sends as
   * usual: either everything commits or nothing does. Statements that `work` sends itself do not see
   * the collected items. A unit within a unit is part of the outer one.
   */
  unitOfWork<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#runUnit(work, () => undefined);
  }

  /**
   * Like `unitOfWork`, for the end of a transaction: COMMIT is sent together with the last writes,
   * which saves a round trip. If one of them fails, PostgreSQL rolls back instead. No other statement
   * of the transaction may follow, unless its owner keeps it open (`keepOpen`).
   */
  lastUnitOfWork<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#runUnit(work, () => {
      if (!this.#shared.keptOpen) this.#sendCommit();
    });
  }

  /**
   * For an owner who sends more statements after the last unit of work. Returns a function with
   * which the owner sends COMMIT behind its own last statement.
   */
  keepOpen(): () => void {
    this.#shared.keptOpen = true;
    return () => this.#sendCommit();
  }

  /** Commits when `work` resolves, unless COMMIT is on its way. Rolls back when it rejects. */
  async commitAfter<Result>(work: (transaction: SqlTransaction) => Promise<Result>): Promise<Result> {
    const shared = this.#shared;
    const { connection } = shared;
    let committed = false;
    let failure: unknown;
    try {
      const result = await work(this);
      const answer = await (shared.committing ?? connection.end('COMMIT'));
      // PostgreSQL answers COMMIT with ROLLBACK, without an error, if a statement has failed.
      if (answer !== 'COMMIT')
        throw new SqlError(
          'rolled_back',
          'the transaction was rolled back, because a statement in it failed and the error was swallowed; ' +
            'let the work reject with that error',
        );
      committed = true;
      return result;
    } catch (error) {
      failure = error;
      // the first error says more than a failed rollback
      await (shared.committing ?? connection.end('ROLLBACK')).catch(() => undefined);
      throw error;
    } finally {
      shared.committing ??= Promise.resolve(''); // refuses statements that come too late
      for (const listener of shared.endListeners) listener(committed, failure);
    }
  }

  async #runUnit<Result>(work: () => Promise<Result>, allSent: () => void): Promise<Result> {
    const shared = this.#shared;
    if (shared.collected !== undefined) return work();
    const collected: CollectedWrites = new Map();
    shared.collected = collected;
    try {
      const result = await work();
      await writeCollected(this, collected, allSent);
      return result;
    } finally {
      shared.collected = undefined;
    }
  }

  /** Sends COMMIT behind the statements that are in flight. */
  #sendCommit(): void {
    const shared = this.#shared;
    // PostgreSQL has not seen a statement that could not be sent, so it would commit the others.
    if (shared.unsent || shared.committing !== undefined) return;
    shared.committing = shared.connection.end('COMMIT');
    shared.committing.catch(() => undefined); // `commitAfter` reports it
  }
}

/**
 * Converts a value as the driver does. The driver would do it too late: it has sent a part of the
 * statement by then.
 */
const { prepareValue: toParameter } = (
  pg as unknown as { readonly utils: { readonly prepareValue: (value: unknown) => unknown } }
).utils;
