import { pgDatabase, type SqlDatabase, type SqlTransaction } from '@millrace/streaming-core/postgres';
import { Pool } from 'pg';

/**
 * The work of a session in one step. `sql` is its database, or its open transaction. `hold` stops
 * the work until the session `goes on`.
 */
export type Work = (sql: SqlDatabase, hold: () => Promise<void>) => unknown;

export type Ended = { readonly value: unknown } | { readonly error: unknown };

interface Busy {
  readonly does: string;
  ended: Ended | undefined;
  holds: boolean;
  open: () => void;
}

interface OpenTransaction {
  readonly sql: SqlDatabase;
  readonly finish: (commit: boolean) => void;
  readonly finished: Promise<void>;
}

/** One participant of a schedule. */
export class Session {
  readonly name: string;
  /**
   * The backends of the session. There are two, because work that wrongly bypasses its transaction
   * is watched too.
   */
  readonly pids: readonly number[];
  readonly #pool: Pool;
  readonly #database: SqlDatabase;
  #transaction: OpenTransaction | undefined;
  busy: Busy | undefined;

  private constructor(name: string, pool: Pool, pids: readonly number[]) {
    this.name = name;
    this.pids = pids;
    this.#pool = pool;
    this.#database = pgDatabase(pool);
  }

  static async open(name: string, url: string): Promise<Session> {
    const pool = new Pool({ connectionString: url, max: 2, idleTimeoutMillis: 0, application_name: name });
    pool.on('error', () => undefined);
    const clients = [await pool.connect(), await pool.connect()];
    const pids = await Promise.all(
      clients.map(
        async (client) => (await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows,
      ),
    );
    for (const client of clients) client.release();
    return new Session(
      name,
      pool,
      pids.flatMap((rows) => rows.map(({ pid }) => pid)),
    );
  }

  get inTransaction(): boolean {
    return this.#transaction !== undefined;
  }

  /** Opens a transaction that stays open over several steps. */
  async begin(): Promise<void> {
    this.#refuseBusy('begins');
    this.#transaction = await new Promise<OpenTransaction>((resolve, reject) => {
      let finish: (commit: boolean) => void = () => undefined;
      const ending = new Promise<void>(
        (commit, rollBack) => (finish = (ok) => (ok ? commit() : rollBack(rolledBack))),
      );
      const finished = this.#database.transaction(async (transaction) => {
        resolve({ sql: joined(transaction), finish, finished: finishing() });
        await ending;
      });
      const finishing = () =>
        finished.catch((error: unknown) => (error === rolledBack ? undefined : Promise.reject(error)));
      finished.catch(reject);
    });
  }

  async end(commit: boolean): Promise<void> {
    this.#refuseBusy(commit ? 'commits' : 'rolls back');
    if (this.#transaction === undefined) throw new TypeError(`${this.name} is not in a transaction`);
    const { finish, finished } = this.#transaction;
    finish(commit);
    await finished;
    this.#transaction = undefined;
  }

  does(does: string, work: Work): void {
    this.#refuseBusy(does);
    const busy: Busy = { does, ended: undefined, holds: false, open: () => undefined };
    this.busy = busy;
    const hold = () =>
      new Promise<void>((resolve) => {
        busy.holds = true;
        busy.open = () => ((busy.holds = false), resolve());
      });
    void (async () => work(this.#transaction?.sql ?? this.#database, hold))().then(
      (value) => (busy.ended = { value }),
      (error: unknown) => (busy.ended = { error }),
    );
  }

  goOn(): void {
    if (this.busy === undefined) throw new TypeError(`${this.name} has no work that could go on`);
    this.busy.open();
  }

  takeEnded(): Ended | undefined {
    const ended = this.busy?.ended;
    this.busy = undefined;
    return ended;
  }

  /**
   * Closes the session, even in the middle of a failed schedule: waiting work is cut off, and held
   * work is abandoned.
   */
  async close(): Promise<void> {
    if (this.busy !== undefined || this.#transaction !== undefined) {
      const killer = new Pool({ ...this.#pool.options, max: 1 });
      await killer.query('SELECT pg_terminate_backend(pid) FROM unnest($1::integer[]) AS pid', [this.pids]);
      await killer.end();
    }
    this.busy?.open();
    this.#transaction?.finish(false);
    await this.#transaction?.finished.catch(() => undefined);
    await this.#pool.end();
  }

  #refuseBusy(does: string): void {
    if (this.busy !== undefined)
      throw new TypeError(`${this.name} cannot do "${does}" while it does "${this.busy.does}"`);
  }
}

const rolledBack = new Error('the schedule rolls the transaction back');

/**
 * Makes work that opens a transaction join the session's own. The object is still the one of the
 * transaction.
 */
const joined = (transaction: SqlTransaction): SqlDatabase =>
  Object.assign(transaction, {
    transaction: <Result>(work: (same: SqlTransaction) => Promise<Result>) => work(transaction),
  });
