import type { Call, Terminal } from '../command/command.ts';
import { renderTable, type Columns } from './table.ts';

/**
 * Writes a value as JSON. A bigint becomes a number if a double holds it exactly, and a text
 * otherwise, so that no offset is ever rounded.
 */
export const jsonOf = (value: unknown, indent = 2): string =>
  JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? exact(part) : part), indent);

const exact = (value: bigint): number | string =>
  value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER ? Number(value) : String(value);

interface Shown<Row> {
  readonly columns: Columns<Row>;
  /** The sentence that is printed if there are no rows: it says what there is none of. */
  readonly none: string;
}

/** Prints rows as a table, or with `--json` as a JSON array of the rows themselves. */
export function showRows<Row>({ session, options }: Call, rows: readonly Row[], shown: Shown<Row>): void {
  const { terminal } = session;
  if (options.flag('json')) terminal.out(jsonOf(rows));
  else if (rows.length === 0) terminal.err(shown.none);
  else terminal.out(renderTable(shown.columns, rows, terminal.columns));
}

type Filter = Readonly<Record<string, string | number | boolean | undefined>>;

/** Says that a list is empty, and by which options it was filtered, such as `state` and `older-than`. */
export function emptyList(things: string, filter: Filter = {}): string {
  const given = Object.entries(filter).flatMap(([name, value]) =>
    value === undefined || value === false ? [] : [value === true ? `--${name}` : `--${name} ${value}`],
  );
  return given.length === 0
    ? `the list is empty: there are no ${things}`
    : `the list is empty: there are no ${things} with ${given.join(' ')}`;
}

/** Prints the sentence for a person, or with `--json` the outcome. */
export function showOutcome({ session, options }: Call, outcome: object, sentence: string): void {
  session.terminal.out(options.flag('json') ? jsonOf(outcome) : sentence);
}

const width = 30;

/** A bar on the last line of a terminal. It draws nothing where standard error is a file or a pipe. */
interface Progress {
  /** Draws how much of `total` is done. Both have the same unit. */
  show(done: number, total: number): void;
  /** Removes the bar. */
  end(): void;
}

export function progressOn(terminal: Pick<Terminal, 'draw'>, doing: string): Progress {
  let drawn = '';
  return {
    show(done, total) {
      const share = total === 0 ? 1 : Math.min(1, done / total);
      const filled = Math.round(share * width);
      const line = `${doing} [${'#'.repeat(filled)}${'.'.repeat(width - filled)}] ${Math.floor(share * 100)} %`;
      if (line !== drawn) terminal.draw(line);
      drawn = line;
    },
    end() {
      if (drawn !== '') terminal.draw('');
    },
  };
}
