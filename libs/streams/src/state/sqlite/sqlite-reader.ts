import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { keyAfter } from '../bytes-order.ts';
import type { CommittedTable, KeyRange, Row } from '../store-engine.ts';
import type { tableStatements } from './statements.sql.ts';

const PAGE_ROWS_FIRST = 32;
const PAGE_ROWS_MAX = 512;
const LOWEST = new Uint8Array(0);

type Statements = ReturnType<typeof tableStatements>;

/** Reads of one table, over the connection of the task or over one that sees committed rows only. */
export class SqliteReader implements CommittedTable {
  readonly #get: StatementSync;
  readonly #count: StatementSync;
  readonly #pages: {
    readonly [name in 'ascending' | 'descending']: {
      readonly all: StatementSync;
      readonly before: StatementSync;
    };
  };

  constructor(database: DatabaseSync, sql: Statements) {
    this.#get = database.prepare(sql.get);
    this.#count = database.prepare(sql.count);
    this.#pages = {
      ascending: { all: database.prepare(sql.ascending), before: database.prepare(sql.ascendingBefore) },
      descending: { all: database.prepare(sql.descending), before: database.prepare(sql.descendingBefore) },
    };
  }

  get(key: Uint8Array): Uint8Array | null {
    const row = this.#get.get(key) as Pick<Row, 'value'> | undefined;
    return row?.value ?? null;
  }

  /** Reads page by page, so that no statement stays open across a write or a commit. */
  *rows({ from, before }: KeyRange, reverse: boolean): Generator<Row, undefined> {
    let low = from ?? LOWEST;
    let high = before;
    for (let limit = PAGE_ROWS_FIRST; ; limit = Math.min(limit * 4, PAGE_ROWS_MAX)) {
      const page = this.#page(low, high, limit, reverse);
      yield* page;
      const last = page.at(-1);
      if (last === undefined || page.length < limit) return;
      if (reverse) high = last.key;
      else low = keyAfter(last.key);
    }
  }

  count(): number {
    return (this.#count.get() as { count: number }).count;
  }

  #page(low: Uint8Array, high: Uint8Array | null, limit: number, reverse: boolean): Row[] {
    const { all, before } = this.#pages[reverse ? 'descending' : 'ascending'];
    return (high === null ? all.all(low, limit) : before.all(low, high, limit)) as unknown as Row[];
  }
}
