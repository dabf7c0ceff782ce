import type { GroupList } from '../../api/groups.ts';
import { useLive } from '../../kit/live.ts';
import { QueryField } from '../../kit/fields.tsx';
import { queryOf } from '../../kit/router.ts';
import { Empty, Freshness, Loading, Panel } from '../../kit/states.tsx';
import { count } from '../../kit/words.ts';
import { GroupTable, trendColumn } from './group-table.tsx';
import { useTrends } from './trend.tsx';

/** The groups that read topics, and how far each is behind. */
export function GroupListPage() {
  const live = useLive<GroupList>('/api/groups/live');
  useTrends(live, ({ groups = [] }) => groups);
  const { groups, others = [] } = live.value.state ?? {};
  const wanted = queryOf('name').toLowerCase();
  const found = groups?.filter(({ group }) => group.toLowerCase().includes(wanted));
  return (
    <>
      <h1>Groups</h1>
      <Freshness live={live.value} />
      <div class="fields">
        <QueryField label="Name contains" name="name" placeholder="order" />
      </div>
      <Panel
        title={
          found === undefined ? 'Groups' : `${count(found.length)} ${found.length === 1 ? 'group' : 'groups'}`
        }
        aside="Lag in time is the age of the oldest message that was not handled"
      >
        {found === undefined ? (
          <Loading rows={8} />
        ) : found.length === 0 ? (
          <Empty
            title={wanted === '' ? 'No group has committed an offset yet' : 'No group has such a name'}
          />
        ) : (
          <GroupTable groups={found} more={[trendColumn]} />
        )}
        {others.length > 0 && (
          <p class="more">
            {count(others.length)} groups of other kinds (consumer, share, streams) are not described here:{' '}
            {others.slice(0, 10).join(', ')}
          </p>
        )}
      </Panel>
    </>
  );
}
