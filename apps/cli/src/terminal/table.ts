import { visible } from './visible.ts';

type Cell = string | number | bigint | null | undefined;

type FieldOf<Row> = { [Name in keyof Row]-?: Row[Name] extends Cell ? Name : never }[keyof Row];

type CellOf<Row> = FieldOf<Row> | ((row: Row) => Cell);

/**
 * Each column by its title: the field of a row that it shows, or a function that makes its cell of the
 * row. Only a column of free text, such as a reason, is cut where the table is wider than the screen.
 */
export type Columns<Row> = Readonly<Record<string, CellOf<Row> | { readonly freeText: CellOf<Row> }>>;

/** The columns of the screen. Undefined for a file or a pipe, which gets every cell whole. */
type Width = number | undefined;

const apart = '  ';
/** A cut cell shows at least this much. */
const shortest = 12;

/** Renders rows below the titles of their columns, as wide as the screen if free text can be cut so far. */
export function renderTable<Row>(columns: Columns<Row>, rows: readonly Row[], width?: Width): string {
  const shown = Object.values(columns).map((column) =>
    typeof column === 'object' ? { cell: column.freeText, isFree: true } : { cell: column, isFree: false },
  );
  const valueOf = (cell: CellOf<Row>, row: Row) =>
    typeof cell === 'function' ? cell(row) : (row[cell] as Cell);
  const cells = rows.map((row) => shown.map(({ cell }) => valueOf(cell, row)));
  return render(Object.keys(columns), cells, (widths) =>
    fitted(
      widths,
      shown.map(({ isFree }) => isFree),
      width,
    ),
  );
}

/** Renders rows of cells. Columns are two spaces apart, and numbers are aligned to the right. */
export const renderCells = (titles: readonly string[], cells: readonly (readonly Cell[])[]): string =>
  render(titles, cells, (widths) => widths);

function render(
  titles: readonly string[],
  cells: readonly (readonly Cell[])[],
  fitTo: (widths: readonly number[]) => readonly number[],
): string {
  const texts = [titles, ...cells.map((row) => row.map(textOf))];
  const widths = fitTo(titles.map((_, index) => Math.max(...texts.map((row) => row[index]?.length ?? 0))));
  const isNumeric = titles.map(
    (_, index) =>
      cells.some((row) => isNumber(row[index])) &&
      cells.every((row) => isNumber(row[index]) || row[index] == null),
  );
  const aligned = (text: string, index: number) => {
    const width = widths[index] ?? 0;
    return isNumeric[index] ? text.padStart(width) : cut(text, width).padEnd(width);
  };
  return texts.map((row) => row.map(aligned).join(apart).trimEnd()).join('\n');
}

/** Takes from the widest free text, again and again, until the table fits or all free text is short. */
function fitted(widths: readonly number[], isFree: readonly boolean[], width: Width): readonly number[] {
  const left = [...widths];
  let excess =
    left.reduce((sum, each) => sum + each, 0) + apart.length * (left.length - 1) - (width ?? Infinity);
  for (; excess > 0; excess -= 1) {
    const widest = Math.max(...left.filter((_, index) => isFree[index]));
    if (!(widest > shortest)) break;
    left[left.findIndex((each, index) => isFree[index] && each === widest)] = widest - 1;
  }
  return left;
}

/** Keeps whole characters: half of a surrogate pair shows as a replacement character. */
const cut = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, width - 1).replace(/[\ud800-\udbff]$/, '')}…`;

const isNumber = (value: unknown): boolean => typeof value === 'number' || typeof value === 'bigint';

/** Keeps a cell on one line. */
const textOf = (value: Cell): string =>
  value == null ? '-' : visible(String(value)).replaceAll('\n', '\\n').replaceAll('\t', '\\t');
