import type { ComponentChildren } from 'preact';
import type { FirstOfAll } from '../api/shown.ts';
import type { Live } from './follow.ts';
import { ShowMore } from './show-more.tsx';
import { Freshness, Missing, Panel } from './states.tsx';
import { Table, type Column } from './table.tsx';
import { many } from './words.ts';

type Listed<Row> = FirstOfAll<Row>['items'][number];

interface FirstRowsProps<Row> {
  readonly live: Live<FirstOfAll<Row>>;
  /** The name of one row, such as `stream`. */
  readonly what: string;
  /** The order of the rows, such as `the newest first`. */
  readonly order: string;
  readonly aside?: ComponentChildren;
  readonly columns: readonly Column<Listed<Row>>[];
  readonly keyOf: (row: Listed<Row>) => string;
  /** The text to show if there are no rows. */
  readonly empty: string;
  /** Further content to show if there are no rows. */
  readonly children?: ComponentChildren;
}

/** The first rows of a list that is merged from several services, and a link to more. */
export function FirstRows<Row>({ live, what, order, aside, ...table }: FirstRowsProps<Row>) {
  const { items, mayHaveMore, missing } = live.state ?? {};
  const title = `${many(items?.length ?? 0, what)}${mayHaveMore ? ' and more' : ''}, ${order}`;
  return (
    <>
      <Freshness live={live} />
      <Missing sentences={missing} />
      <Panel title={items === undefined ? `Reading the ${what}s …` : title} aside={aside}>
        <Table label={`${what}s`} rows={items} {...table} />
        <ShowMore mayHaveMore={mayHaveMore} />
      </Panel>
    </>
  );
}
