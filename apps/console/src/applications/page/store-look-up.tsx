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

/** Shows a key of a store, or its first keys, as of the last commits of all processes. */
export function StoreLookUp({ application, stores }: StoreLookUpProps) {
  const store = queryOf('store');
  const path = `${pathTo('api', 'applications', 'live', application, 'stores', store)}?${givenQuery(['key'])}`;
  const live = useLive<StoreEntries>(store === '' ? undefined : path).value;
  return (
    <Panel title="Look into a store" aside="as of the last commit; personal data is shown as it is stored">
      <div class="fields body">
        <QuerySelect
          label="Store"
          name="store"
          options={[['', 'choose a store'], ...named(stores.map(({ name }) => name))]}
        />
        {store !== '' && <QueryField label="Key" name="key" placeholder="all keys" />}
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
              empty={emptySentence(live.state, store)}
            />
          )}
          {live.state?.mayHaveMore === true && (
            <p class="more">
              There are more entries: give a key, or use <code>millrace applications get</code>.
            </p>
          )}
        </>
      )}
    </Panel>
  );
}

function emptySentence(found: StoreEntries | undefined, store: string): string {
  if (found?.wasRead !== true)
    return `${store} could not be read. Buffers and global tables cannot be, and sessions only by a key`;
  if (found.missing.length > 0) return 'The processes that answered have nothing here';
  return queryOf('key') === '' ? `${store} is empty` : `${store} does not have this key`;
}

const columns: readonly Column<StoreEntries['entries'][number]>[] = [
  { name: 'Key', wide: true, cell: ({ key }) => (typeof key === 'string' ? key : <JsonLine value={key} />) },
  { name: 'From', cell: ({ from }) => from ?? <Dash /> },
  { name: 'To', cell: ({ to }) => to ?? <Dash /> },
  { name: 'Value', wide: true, cell: ({ value }) => <JsonLine value={value} /> },
  { name: 'Process', cell: ({ process }) => process },
];
