import type { SqlDatabase } from '../../postgres/index.ts';
import { OutboxError } from './outbox-error.ts';
import { leaseOfNamesake } from './relay.sql.ts';

export interface NamesakeOptions {
  readonly database: SqlDatabase;
  readonly name: string;
  readonly holder: string;
}

/**
 * Detects another living relay with the same holder name that has taken the lease. Without it,
 * the two would take the lease from each other endlessly. A lease that is renewed belongs to a
 * living relay. One that is not renewed may be this relay's own, taken by a statement whose answer
 * was lost.
 */
export class NamesakeWatch {
  readonly #options: NamesakeOptions;
  #seen: { readonly epoch: string; readonly until: string } | undefined;

  constructor(options: NamesakeOptions) {
    this.#options = options;
  }

  /**
   * Call this after the lease could not be taken. Rejects with `holder_taken` once another relay of
   * the same name is known to be alive.
   */
  async refuse(lastEpoch: string): Promise<void> {
    const { database, name, holder } = this.#options;
    const { rows } = await database.query<{ epoch: string; until: string }>(leaseOfNamesake, [
      name,
      holder,
      lastEpoch,
    ]);
    const seen = this.#seen;
    const now = rows[0];
    this.#seen = now;
    if (seen !== undefined && now?.epoch === seen.epoch && now.until !== seen.until)
      throw new OutboxError(
        'holder_taken',
        `another process has started relay "${name}" as holder "${holder}", so this one has stopped; ` +
          'give each process its own instance name and restart this one',
      );
  }
}
