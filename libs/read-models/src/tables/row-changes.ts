import type { Sent, SqlTransaction } from '@millrace/streaming-core/postgres';
import { Increment, increased } from './increment.ts';
import { RowNotFound, type Key, type Row, type RowTable, type RowWrite } from './row-table.ts';

/**
 * The change that a message makes to its row: it gives properties, computes them from the row, or
 * removes the row (null).
 */
export type PendingChange = Row | ((row: Row) => Row) | null;

/**
 * Thrown if the row to change does not exist and the message does not give all that a new one needs.
 */
export class MissingRow extends Error {
  constructor(key: Key, changedBy: string, lacking: readonly string[] = []) {
    const needs = lacking.length === 0 ? '' : `; a new row needs ${lacking.join(', ')} as well`;
    super(`${changedBy} changes row ${key}, which does not exist${needs}`);
  }
}

interface Step {
  /** Type of the message. */
  readonly type: string;
  readonly change: PendingChange;
}

/** The known state of a row while its changes are applied. */
interface Known {
  /** Properties to write. */
  readonly given: Row;
  /** The current row: null if there is none, undefined if it has not been read yet. */
  readonly row: Row | null | undefined;
  /** Whether a change has given all that a new row needs. */
  readonly completed: boolean;
  readonly removed: boolean;
}

/**
 * Collects the changes of one read model's rows from a batch of messages, in their order, and
 * writes them together at the end. It uses one read for all rows whose change depends on the row,
 * and one statement for all rows that change the same properties.
 */
export class RowChanges {
  readonly #transaction: SqlTransaction;
  readonly #table: RowTable;
  readonly #steps = new Map<Key, Step[]>();

  constructor(transaction: SqlTransaction, table: RowTable) {
    this.#transaction = transaction;
    this.#table = table;
  }

  add(key: Key, type: string, change: PendingChange): void {
    const steps = this.#steps.get(key);
    if (steps === undefined) this.#steps.set(key, [{ type, change }]);
    else steps.push({ type, change });
  }

  /**
   * Sends the changes. This or the answers reject with `MissingRow` if a row to update does not
   * exist.
   */
  async flush(): Promise<Sent> {
    const dependent = [...this.#steps].filter(([, steps]) => this.#dependsOnStored(steps));
    const asked = new Set(dependent.map(([key]) => key));
    const stored = await this.#table.load(this.#transaction, [...asked]);
    const writes = [...this.#steps].flatMap(([key, steps]) => {
      const row = asked.has(key) ? (stored.get(key) ?? null) : undefined;
      return this.#writesOf(key, this.#applied(key, steps, row));
    });
    const { answers } = this.#table.write(this.#transaction, writes);
    return {
      answers: answers.catch((error: unknown) => {
        throw error instanceof RowNotFound ? this.#missing(error.key) : error;
      }),
    };
  }

  /**
   * Whether the changes cannot be applied without the stored row: a function is applied before the
   * batch itself has given the whole row, or a number is incremented in a row that may be new.
   */
  #dependsOnStored(steps: readonly Step[]): boolean {
    let given: Row = {};
    let completed = false;
    for (const { change } of steps) {
      if (change === null) return false;
      if (typeof change === 'function') return !this.#tellsAll(given);
      const fields = increased(given, withoutUndefined(change));
      given = { ...given, ...fields };
      completed ||= this.#table.lackingIn(fields).length === 0;
    }
    return completed && Object.values(given).some((value) => value instanceof Increment);
  }

  #applied(key: Key, steps: readonly Step[], stored: Row | null | undefined): Known {
    let known: Known = { given: {}, row: stored, completed: false, removed: false };
    for (const { type, change } of steps) known = this.#after(known, change, { key, type });
    return known;
  }

  #after(known: Known, change: PendingChange, by: { readonly key: Key; readonly type: string }): Known {
    if (change === null) return { given: {}, row: null, completed: false, removed: true };
    if (typeof change === 'function') {
      if (!known.row) throw new MissingRow(by.key, by.type);
      return this.#after(known, change(known.row), by);
    }
    const base = known.row === null ? this.#table.begun({}) : (known.row ?? known.given);
    const fields = { ...increased(base, withoutUndefined(change)), [this.#table.key.property]: by.key };
    const lacking = this.#table.lackingIn(fields);
    if (known.row === null && lacking.length > 0) throw new MissingRow(by.key, by.type, lacking);
    const given = { ...known.given, ...fields };
    return {
      ...known,
      given,
      row: this.#rowAfter(known.row, given, fields),
      completed: known.completed || lacking.length === 0,
    };
  }

  #rowAfter(row: Row | null | undefined, given: Row, change: Row): Row | undefined {
    if (row === null) return this.#table.begun(change);
    if (row !== undefined) return this.#table.changed(row, change);
    return this.#tellsAll(given) ? this.#table.changed({}, given) : undefined;
  }

  #missing(key: string): MissingRow {
    const [, steps] = [...this.#steps].find(([changed]) => String(changed) === key) ?? [];
    const { type = 'nothing', change } = steps?.at(-1) ?? {};
    const isGiven = typeof change === 'object' && change !== null;
    return new MissingRow(key, type, isGiven ? this.#table.lackingIn(change) : []);
  }

  #tellsAll(given: Row): boolean {
    return this.#table.columns.every(
      ({ property, isKey }) =>
        isKey || (given[property] !== undefined && !(given[property] instanceof Increment)),
    );
  }

  #writesOf(key: Key, { given, completed, removed }: Known): readonly RowWrite[] {
    const gone: readonly RowWrite[] = removed ? [{ kind: 'remove', key }] : [];
    if (completed) return [...gone, { kind: 'upsert', given }];
    const changesNothing = Object.keys(given).every((name) => name === this.#table.key.property);
    return changesNothing ? gone : [...gone, { kind: 'update', given }];
  }
}

const withoutUndefined = (change: Row): Row =>
  Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
