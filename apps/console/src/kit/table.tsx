import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { Empty, Loading } from './states.tsx';
import { count } from './words.ts';

export interface Column<Row> {
  readonly name: string;
  readonly cell: (row: Row) => ComponentChildren;
  /** Whether the column is numeric, and so aligned to the right. */
  readonly numeric?: boolean;
  /** Whether the cell may be cut off, with its whole text on hover. */
  readonly wide?: boolean;
}

const shownAtFirst = 300;

interface TableProps<Row> {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  /** The rows; undefined until they were read. */
  readonly rows: readonly Row[] | undefined;
  readonly keyOf: (row: Row) => string;
  /** The text to show if there are no rows. */
  readonly empty?: string;
  /** Further content to show if there are no rows. */
  readonly children?: ComponentChildren;
}

/** Sets the title of a cell that is cut off to its whole text. */
function titleCutCell({ target }: Event): void {
  const cell = (target as Element).closest('td');
  if (cell !== null && cell.scrollWidth > cell.clientWidth) cell.title = cell.textContent;
}

/**
 * A table that scrolls separately on a narrow screen. It shows the first of many rows, and others
 * on demand.
 */
export function Table<Row>({ label, columns, rows, keyOf, empty, children }: TableProps<Row>) {
  const shown = useSignal(shownAtFirst);
  if (rows === undefined) return <Loading rows={6} />;
  if (rows.length === 0 && empty !== undefined) return <Empty title={empty}>{children}</Empty>;
  const left = rows.length - shown.value;
  return (
    <>
      <div class="scroll" tabIndex={0} role="region" aria-label={label}>
        <table>
          <thead>
            <tr>
              {columns.map(({ name, numeric }) => (
                <th key={name} scope="col" class={numeric ? 'numeric' : undefined}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody onMouseOver={titleCutCell}>
            {rows.slice(0, shown.value).map((row) => (
              <tr key={keyOf(row)}>
                {columns.map(({ name, cell, numeric, wide }) => (
                  <td key={name} class={numeric ? 'numeric' : wide ? 'wide' : undefined}>
                    {cell(row)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {left > 0 && (
        <p class="more">
          <button type="button" onClick={() => (shown.value += shownAtFirst)}>
            Show {count(Math.min(left, shownAtFirst))} of {count(left)} more
          </button>
        </p>
      )}
    </>
  );
}
