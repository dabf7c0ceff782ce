import type { ComponentChildren } from 'preact';
import { Windowed } from './windowed.tsx';

export type Cells<Row> = ReadonlyArray<readonly [name: string, cell: (row: Row) => ComponentChildren]>;

const rowHeight = 32;
const heightMax = 560;

interface LinesProps<Row> {
  readonly label: string;
  readonly kind: string;
  readonly rows: readonly Row[];
  readonly columns: Cells<Row>;
  readonly keyOf: (row: Row) => string;
  /** The address of a row. A row without one cannot be opened. */
  readonly hrefOf: (row: Row) => string | undefined;
  /** The key of the row that is open. */
  readonly open?: string;
}

/**
 * A long list with one line for each row, which links to an address. The style named by `kind` sets
 * the widths of the columns as `--columns`.
 */
export function Lines<Row>({ label, kind, rows, columns, keyOf, hrefOf, open }: LinesProps<Row>) {
  return (
    <div class={`lines ${kind}`}>
      <div class="line-row head" aria-hidden="true">
        {columns.map(([name]) => (
          <span key={name}>{name}</span>
        ))}
      </div>
      <Windowed label={label} rows={rows} rowHeight={rowHeight} heightMax={heightMax}>
        {(row) => {
          const key = keyOf(row);
          const href = hrefOf(row);
          const cells = columns.map(([name, cell]) => <span key={name}>{cell(row)}</span>);
          return href === undefined ? (
            <div key={key} class="line-row fixed">
              {cells}
            </div>
          ) : (
            <a key={key} class="line-row" href={href} aria-current={key === open ? 'true' : undefined}>
              {cells}
            </a>
          );
        }}
      </Windowed>
    </div>
  );
}
