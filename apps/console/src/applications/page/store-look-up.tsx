import type { ShownApplication, StoreEntries } from '../../api/applications.ts';
import { named, QueryField, QuerySelect } from '../../kit/fields.tsx';
import { givenQuery } from '../../kit/given-query.ts';
import { JsonLine } from '../../kit/json-view.tsx';
import { useLive } from '../../kit/live.ts';
import { pathTo } from '../../kit/paths.ts';
import { queryOf } from '../../kit/router.ts';
import { Dash, Freshness, Missing, Panel } from '../../kit/states.tsx';
import { Table, type Column } from '../../kit/table.tsx';

type StoreLookUpProps = Pick<ShownApplication, 'application' | 'stores'>;

/** What is in a store, as of the last commits of all processes: one key, or the first ones. */
export function StoreLookUp({ application, stores }: StoreLookUpProps) {
  const store = queryOf('store');
  const path = `${pathTo('api', 'applications', 'live', application, 'stores', store)}?${givenQuery(['key'])}`;
  const live = useLive<StoreEntries>(store === '' ? undefined : path).value;
  return (
    <Panel title="Look into a store" aside="as of the last commit; nothing about a person is hidden here">
      <div class="fields">
        <QuerySelect
          label="Store"
          name="store"
          options={[['', 'none'], ...named(stores.map(({ name }) => name))]}
        />
        {store !== '' && <QueryField label="Key" name="key" placeholder="any key" />}
      </div>
      {store !== '' && (
        <>
          <Freshness live={live} />
          <Missing sentences={live.state?.missing} />
          {live.failure === null && (
            <Table
              label="entries"
              columns={columns}
              rows={live.state?.entries}
              keyOf={({ process, key, from, to }) => JSON.stringify([process, key, from, to])}
              empty={queryOf('key') === '' ? `${store} is empty` : `${store} does not have this key`}
            />
          )}
          {live.state?.mayHaveMore === true && (
            <p class="more">There are more entries. Give a key, or use `millrace applications get`.</p>
          )}
        </>
      )}
    </Panel>
  );
}

const columns: readonly Column<StoreEntries['entries'][number]>[] = [
  { name: 'Key', cell: ({ key }) => (typeof key === 'string' ? key : <JsonLine value={key} />) },
  { name: 'From', cell: ({ from }) => from ?? <Dash /> },
  { name: 'To', cell: ({ to }) => to ?? <Dash /> },
  { name: 'Value', wide: true, cell: ({ value }) => <JsonLine value={value} /> },
  { name: 'Process', cell: ({ process }) => process },
];
