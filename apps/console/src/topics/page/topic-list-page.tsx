import type { TopicList, TopicSummary } from '../../api/topics.ts';
import { QueryField } from '../../kit/fields.tsx';
import { useLive } from '../../kit/live.ts';
import { pathTo } from '../../kit/paths.ts';
import { queryOf, setQuery } from '../../kit/router.ts';
import { ShowMore } from '../../kit/show-more.tsx';
import { Freshness, Panel } from '../../kit/states.tsx';
import { Table, type Column } from '../../kit/table.tsx';
import { bytes, count, span } from '../../kit/words.ts';

/** The topics of the cluster that fit the filter, which the address keeps. */
export function TopicListPage() {
  const given = ['name', 'internal', 'limit']
    .map((name) => [name, queryOf(name)])
    .filter(([, value]) => value !== '');
  const live = useLive<TopicList>(`/api/topics/live?${new URLSearchParams(given).toString()}`);
  const { topics, matching = 0 } = live.value.state ?? {};
  return (
    <>
      <h1>Topics</h1>
      <Freshness live={live.value} />
      <div class="fields">
        <QueryField label="Name contains" name="name" placeholder="order" />
        <label class="choice">
          <input
            type="checkbox"
            checked={queryOf('internal') === '1'}
            onChange={({ currentTarget }) => setQuery({ internal: currentTarget.checked ? '1' : undefined })}
          />
          Show those that brokers keep for themselves
        </label>
      </div>
      <Panel
        title={topics === undefined ? 'Topics' : `${count(matching)} ${matching === 1 ? 'topic' : 'topics'}`}
        aside="Records are counted by their offsets, so markers of transactions count too"
      >
        <Table
          label="topics"
          columns={columns}
          rows={topics}
          keyOf={({ topic }) => topic}
          empty="No topic has such a name"
        >
          <a href="/topics">Show all topics</a>
        </Table>
        <ShowMore mayHaveMore={topics !== undefined && topics.length < matching} />
      </Panel>
    </>
  );
}

const pathOfTopic = (topic: string): string => pathTo('topics', topic);

export const keptFor = ({ retentionMs, retentionBytes, cleanupPolicy }: Retention): string => {
  if (!cleanupPolicy.includes('delete')) return 'by key';
  const time = retentionMs === null ? '' : retentionMs < 0 ? 'for ever' : span(retentionMs);
  return retentionBytes === null || retentionBytes < 0
    ? time
    : `${time}, up to ${bytes(retentionBytes)} each`;
};

type Retention = Pick<TopicSummary, 'retentionMs' | 'retentionBytes' | 'cleanupPolicy'>;

const columns: readonly Column<TopicSummary>[] = [
  { name: 'Topic', cell: ({ topic }) => <a href={pathOfTopic(topic)}>{topic}</a> },
  {
    name: 'Partitions',
    numeric: true,
    cell: ({ partitions, underReplicated }) => (
      <>
        {count(partitions)}
        {underReplicated > 0 && <span class="badge failed">{count(underReplicated)} under-replicated</span>}
      </>
    ),
  },
  { name: 'Replicas', numeric: true, cell: ({ replicas }) => count(replicas) },
  { name: 'Records', numeric: true, cell: ({ records }) => count(records) },
  { name: 'Size', numeric: true, cell: ({ sizeBytes }) => bytes(sizeBytes) },
  { name: 'Kept', cell: keptFor },
  { name: 'Cleanup', cell: ({ cleanupPolicy }) => cleanupPolicy },
];
