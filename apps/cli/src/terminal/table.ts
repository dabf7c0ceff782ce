import { visible } from './visible.ts';

/** A column of a table. `of` returns its cell in a row. Numbers are aligned to the right. */
export interface Column<Row> {
  readonly title: string;
  readonly of: (row: Row) => string | number | bigint | null | undefined;
}

/** Renders rows below their titles. Columns are two spaces apart. */
export function renderTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const cells = rows.map((row) => columns.map(({ of }) => of(row)));
  const texts = [columns.map(({ title }) => title), ...cells.map((row) => row.map(textOf))];
  const widths = columns.map((_, index) => Math.max(...texts.map((row) => row[index]?.length ?? 0)));
  const isNumeric = columns.map(
    (_, index) =>
      cells.some((row) => isNumber(row[index])) &&
      cells.every((row) => isNumber(row[index]) || row[index] == null),
  );
  return texts
    .map((row) =>
      row
        .map((text, index) =>
          isNumeric[index] ? text.padStart(widths[index] ?? 0) : text.padEnd(widths[index] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const isNumber = (value: unknown): boolean => typeof value === 'number' || typeof value === 'bigint';

/** Keeps a cell on one line. */
const textOf = (value: string | number | bigint | null | undefined): string =>
  value == null ? '-' : visible(String(value)).replaceAll('\n', '\\n').replaceAll('\t', '\\t');
