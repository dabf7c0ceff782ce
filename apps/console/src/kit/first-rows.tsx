import type { ComponentChildren } from 'preact';
import type { FirstOfAll, Shown } from '../api/shown.ts';
import type { Live } from './live.ts';
import { ShowMore } from './show-more.tsx';
import { Freshness, Loading, Missing, Panel } from './states.tsx';
import { Table, type Column } from './table.tsx';
import { many } from './words.ts';

/** The first rows of a list that several services have, and the way to more of them. */
export function FirstRows<Row>({
  live,
  what,
  order,
  aside,
  columns,
  keyOf,
  children,
}: {
  readonly live: Live<Shown<FirstOfAll<Row>>>;
  /** Names one row, such as `stream`. */
  readonly what: string;
  /** Such as `the newest first`. */
  readonly order: string;
  readonly aside?: ComponentChildren;
  readonly columns: readonly Column<FirstOfAll<Row>['items'][number]>[];
  readonly keyOf: (row: FirstOfAll<Row>['items'][number]) => string;
  /** What stands instead of an empty list. */
  readonly children: ComponentChildren;
}) {
  const { items, mayHaveMore, missing } = live.state ?? {};
  const title = `${many(items?.length ?? 0, what)}${mayHaveMore ? ' and more' : ''}, ${order}`;
  return (
    <>
      <Freshness live={live} />
      <Missing sentences={missing} />
      <Panel title={items === undefined ? `Reading the ${what}s …` : title} aside={aside}>
        {items === undefined ? (
          <Loading rows={8} />
        ) : items.length === 0 ? (
          children
        ) : (
          <Table label={`${what}s`} columns={columns} rows={items} keyOf={keyOf} />
        )}
        <ShowMore mayHaveMore={mayHaveMore} />
      </Panel>
    </>
  );
}
