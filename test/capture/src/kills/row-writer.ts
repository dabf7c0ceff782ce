import type { Pool, PoolClient } from 'pg';

const keys = 40;

/**
 * Writes random transactions to one table. Each change of a row counts its version on, also a delete,
 * so that the events of a row are known: one for each version, in their order.
 */
export class RowWriter {
  /** The last version of each row that was committed, and whether the row exists. */
  readonly versions = new Map<number, { version: number; exists: boolean }>();
  transactions = 0;
  changes = 0;
  rolledBack = 0;
  readonly #pool: Pool;
  readonly #random: () => number;

  constructor(pool: Pool, random: () => number) {
    this.#pool = pool;
    this.#random = random;
  }

  static readonly table = `CREATE TABLE account (id integer PRIMARY KEY, version integer NOT NULL, notes text);
    ALTER TABLE account REPLICA IDENTITY FULL`;

  /** Writes one transaction, which may be rolled back. */
  async write(): Promise<void> {
    const client = await this.#pool.connect();
    try {
      await client.query('BEGIN');
      const changed = new Map(this.versions);
      const count = this.#random() < 0.1 ? 400 : 1 + Math.floor(this.#random() * 8);
      for (let change = 0; change < count; change += 1) await this.#change(client, changed);
      const commits = this.#random() >= 0.15;
      await client.query(commits ? 'COMMIT' : 'ROLLBACK');
      this.transactions += 1;
      if (!commits) {
        this.rolledBack += 1;
        return;
      }
      this.changes += count;
      for (const [id, state] of changed) this.versions.set(id, state);
    } finally {
      client.release();
    }
  }

  async #change(client: PoolClient, rows: Map<number, { version: number; exists: boolean }>): Promise<void> {
    const id = Math.floor(this.#random() * keys);
    const { version, exists } = rows.get(id) ?? { version: 0, exists: false };
    if (!exists) {
      await client.query('INSERT INTO account VALUES ($1, $2)', [id, version + 1]);
      rows.set(id, { version: version + 1, exists: true });
    } else if (this.#random() < 0.2) {
      await client.query('UPDATE account SET version = $2 WHERE id = $1', [id, version + 1]);
      await client.query('DELETE FROM account WHERE id = $1', [id]);
      rows.set(id, { version: version + 2, exists: false });
    } else {
      await client.query('UPDATE account SET version = $2 WHERE id = $1', [id, version + 1]);
      rows.set(id, { version: version + 1, exists: true });
    }
  }
}
