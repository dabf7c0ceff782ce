import type { Call } from '../command/command.ts';
import { jsonOf } from './json.ts';
import { renderTable, type Column } from './table.ts';

export interface Shown<Row> {
  readonly columns: readonly Column<Row>[];
  /** The sentence that is printed if there are no rows. */
  readonly none: string;
}

/** Prints rows as a table, or with `--json` as a JSON array of the rows themselves. */
export function showRows<Row>({ session, options }: Call, rows: readonly Row[], shown: Shown<Row>): void {
  const { terminal } = session;
  if (options.flag('json')) terminal.out(jsonOf(rows));
  else if (rows.length === 0) terminal.err(shown.none);
  else terminal.out(renderTable(shown.columns, rows));
}

/** Prints the sentence for a person, or with `--json` the outcome. */
export function showOutcome({ session, options }: Call, outcome: object, sentence: string): void {
  session.terminal.out(options.flag('json') ? jsonOf(outcome) : sentence);
}
