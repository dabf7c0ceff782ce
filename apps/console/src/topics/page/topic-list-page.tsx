import type { TopicList, TopicSummary } from '../../api/topics.ts';
import { QueryField } from '../../kit/fields.tsx';
import { givenQuery } from '../../kit/given-query.ts';
import { useLive } from '../../kit/live.ts';
import { pathTo } from '../../kit/paths.ts';
import { queryOf, setQuery } from '../../kit/router.ts';
import { ShowMore, shownLimit } from '../../kit/show-more.tsx';
import { Freshness, Panel } from '../../kit/states.tsx';
import { Table, type Column } from '../../kit/table.tsx';
import { bytes, count, many, span } from '../../kit/words.ts';

/** The topics of the cluster that match the filter, which the address keeps. */
export function TopicListPage() {
  const query = givenQuery(['name', 'internal'], { limit: shownLimit() });
  const live = useLive<TopicList>(`/api/topics/live?${query}`).value;
  const { topics, matching = 0 } = live.state ?? {};
  return (
    <>
      <h1>Topics</h1>
      <Freshness live={live} />
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
        title={topics === undefined ? 'Topics' : many(matching, 'topic')}
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

const columns: readonly Column<TopicSummary>[] = [
  { name: 'Topic', cell: ({ topic }) => <a href={pathTo('topics', topic)}>{topic}</a> },
  { name: 'Records', numeric: true, cell: ({ offsets }) => count(offsets) },
  { name: 'Size', numeric: true, cell: ({ sizeBytes }) => bytes(sizeBytes) },
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
  { name: 'Kept', cell: ({ configs }) => keptFor(configs) },
  { name: 'Cleanup', cell: ({ configs }) => configs['cleanup.policy'] },
];

/** Describes how long a topic keeps its records. A broker may not say; -1 stands for no limit. */
export function keptFor(configs: TopicSummary['configs']): string {
  if (configs['cleanup.policy']?.includes('delete') !== true) return 'by key';
  const retentionMs = configs['retention.ms'];
  const retentionBytes = Number(configs['retention.bytes'] ?? -1);
  const time = retentionMs == null ? '' : Number(retentionMs) < 0 ? 'for ever' : span(Number(retentionMs));
  return retentionBytes < 0 ? time : `${time}, up to ${bytes(retentionBytes)} each`;
}
