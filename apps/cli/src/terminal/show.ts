import type { Call, Terminal } from '../command/command.ts';

type Cell = string | number | bigint | null | undefined;

type FieldOf<Row> = { [Name in keyof Row]-?: Row[Name] extends Cell ? Name : never }[keyof Row];

/** Each column by its title: the field of a row that it shows, or a function that makes its cell of the row. */
export type Columns<Row> = Readonly<Record<string, FieldOf<Row> | ((row: Row) => Cell)>>;

/** Renders rows below the titles of their columns. */
export const renderTable = <Row>(columns: Columns<Row>, rows: readonly Row[]): string =>
  renderCells(
    Object.keys(columns),
    rows.map((row) =>
      Object.values(columns).map((cell) => (typeof cell === 'function' ? cell(row) : (row[cell] as Cell))),
    ),
  );

/** Renders rows of cells. Columns are two spaces apart, and numbers are aligned to the right. */
export function renderCells(titles: readonly string[], cells: readonly (readonly Cell[])[]): string {
  const texts = [titles, ...cells.map((row) => row.map(textOf))];
  const widths = titles.map((_, index) => Math.max(...texts.map((row) => row[index]?.length ?? 0)));
  const isNumeric = titles.map(
    (_, index) =>
      cells.some((row) => isNumber(row[index])) &&
      cells.every((row) => isNumber(row[index]) || row[index] == null),
  );
  const aligned = (text: string, index: number) =>
    isNumeric[index] ? text.padStart(widths[index] ?? 0) : text.padEnd(widths[index] ?? 0);
  return texts.map((row) => row.map(aligned).join('  ').trimEnd()).join('\n');
}

const isNumber = (value: unknown): boolean => typeof value === 'number' || typeof value === 'bigint';

/** Keeps a cell on one line. */
const textOf = (value: Cell): string =>
  value == null ? '-' : visible(String(value)).replaceAll('\n', '\\n').replaceAll('\t', '\\t');

/**
 * Characters that a terminal obeys instead of showing them, apart from line feed and tab: control
 * characters, and those that turn the direction of the text.
 */
const obeyed = /(?![\n\t])[\p{Cc}\p{Bidi_Control}]/gu;

/**
 * Writes such characters as `\u001b`, so that a message or a reason from outside can neither move the
 * cursor nor forge what a person reads. JSON means the same afterwards.
 */
export const visible = (text: string): string =>
  text.replace(obeyed, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Shows everything that commands write as `visible` does. */
export const visibleTerminal = (terminal: Terminal): Terminal => ({
  ...terminal,
  out: (line) => terminal.out(visible(line)),
  err: (line) => terminal.err(visible(line)),
  draw: (line) => terminal.draw(visible(line)),
  ask: (question) => terminal.ask(visible(question)),
});

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
