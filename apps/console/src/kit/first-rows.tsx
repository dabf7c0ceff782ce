import type { ComponentChildren } from 'preact';
import type { FirstOfAll } from '../api/shown.ts';
import type { Live } from './live.ts';
import { ShowMore } from './show-more.tsx';
import { Freshness, Missing, Panel } from './states.tsx';
import { Table, type Column } from './table.tsx';
import { many } from './words.ts';

type Listed<Row> = FirstOfAll<Row>['items'][number];

interface FirstRowsProps<Row> {
  readonly live: Live<FirstOfAll<Row>>;
  /** Names one row, such as `stream`. */
  readonly what: string;
  /** Such as `the newest first`. */
  readonly order: string;
  readonly aside?: ComponentChildren;
  readonly columns: readonly Column<Listed<Row>>[];
  readonly keyOf: (row: Listed<Row>) => string;
  /** Says that there are no rows. */
  readonly empty: string;
  /** What else to say then. */
  readonly children?: ComponentChildren;
}

/** The first rows of a list that several services have, and the way to more of them. */
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
