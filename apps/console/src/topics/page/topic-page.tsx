import type { FlowView } from '../../api/overview.ts';
import type { ConfigView, PartitionView, ShownTopic } from '../../api/topics.ts';
import { GroupTable } from '../../groups/page/group-table.tsx';
import { useLive } from '../../kit/live.ts';
import { pathTo } from '../../kit/paths.ts';
import { Empty, Facts, LivePage, Panel } from '../../kit/states.tsx';
import { Table, type Column } from '../../kit/table.tsx';
import { Tabs, tabOf } from '../../kit/tabs.tsx';
import { bytes, count, perSecond } from '../../kit/words.ts';
import { LiveTail } from './live-tail.tsx';
import { Messages } from './messages.tsx';
import { keptFor } from './topic-list-page.tsx';

const views = [
  ['', 'Messages'],
  ['tail', 'Live tail'],
  ['raw', 'Raw log'],
  ['partitions', 'Partitions'],
  ['configs', 'Configs'],
  ['users', 'Readers and writers'],
] as const;

/** One topic: its messages, as consumers see them, live and as the log stores them, and its facts. */
export function TopicPage({ topic, flows }: { readonly topic: string; readonly flows: readonly FlowView[] }) {
  const live = useLive<ShownTopic>(pathTo('api', 'topics', 'live', topic));
  const title = (
    <>
      <a href="/topics">Topics</a> / {topic}
    </>
  );
  return (
    <LivePage title={title} live={live.value} instead={<a href="/topics">Show all topics</a>}>
      {(shown) => (
        <>
          <TopicFacts shown={shown} />
          <Tabs label="views of the topic" name="view" options={views} leaves={['open']} />
          <View topic={topic} shown={shown} flows={flows} />
        </>
      )}
    </LivePage>
  );
}

interface ViewProps {
  readonly topic: string;
  readonly shown: ShownTopic;
  readonly flows: readonly FlowView[];
}

function View({ topic, shown, flows }: ViewProps) {
  const view = tabOf('view', views);
  switch (view) {
    case 'partitions':
      return (
        <Panel title="Partitions" aside="The log of a partition goes from its start to before its end">
          <Table
            label="partitions"
            columns={partitionColumns}
            rows={shown.partitions}
            keyOf={({ partition }) => String(partition)}
          />
        </Panel>
      );
    case 'configs':
      return <Configs configs={shown.configs} />;
    case 'users':
      return <Users topic={topic} shown={shown} flows={flows} />;
    case 'tail':
      return <LiveTail topic={topic} partitions={shown.partitions.length} />;
    default:
      return <Messages key={view} topic={topic} partitions={shown.partitions.length} raw={view === 'raw'} />;
  }
}

function TopicFacts({ shown: { partitions, configs, topicId } }: { readonly shown: ShownTopic }) {
  const valueOf = (name: string) => configs.find((config) => config.name === name)?.value ?? null;
  const numberOf = (name: string) => (valueOf(name) === null ? null : Number(valueOf(name)));
  const cleanupPolicy = valueOf('cleanup.policy') ?? '';
  const kept = keptFor({
    retentionMs: numberOf('retention.ms'),
    retentionBytes: numberOf('retention.bytes'),
    cleanupPolicy,
  });
  return (
    <Facts
      of={{
        Partitions: count(partitions.length),
        Records: count(sumOf(partitions, ({ start, end }) => end - start)),
        Size: bytes(sumOf(partitions, ({ sizeBytes }) => sizeBytes)),
        Kept: kept,
        Cleanup: cleanupPolicy,
        Id: topicId,
      }}
    />
  );
}

const sumOf = <Row,>(rows: readonly Row[], valueOf: (row: Row) => number): number =>
  rows.reduce((sum, row) => sum + valueOf(row), 0);

const partitionColumns: readonly Column<PartitionView>[] = [
  { name: 'Partition', numeric: true, cell: ({ partition }) => partition },
  { name: 'Start', numeric: true, cell: ({ start }) => count(start) },
  { name: 'End', numeric: true, cell: ({ end }) => count(end) },
  { name: 'Records', numeric: true, cell: ({ start, end }) => count(end - start) },
  { name: 'Size', numeric: true, cell: ({ sizeBytes }) => bytes(sizeBytes) },
  {
    name: 'Leader',
    cell: ({ leader }) => (leader < 0 ? <span class="badge failed">none</span> : `broker ${leader}`),
  },
  { name: 'Replicas', cell: ({ replicas }) => replicas.join(', ') },
  {
    name: 'In sync',
    cell: ({ replicas, inSyncReplicas }) =>
      inSyncReplicas.length < replicas.length ? (
        <span class="badge failed">only {inSyncReplicas.join(', ')}</span>
      ) : (
        inSyncReplicas.join(', ')
      ),
  },
];

const sources: Readonly<Record<string, string>> = {
  topic: 'set for this topic',
  broker: 'set for one broker',
  allBrokers: 'set for all brokers',
  brokerFile: 'file of the broker',
};

/** What was set for the topic stands first. */
function Configs({ configs }: { readonly configs: readonly ConfigView[] }) {
  const isDefault = ({ source }: ConfigView) => Number(source !== 'topic') + Number(source === 'default');
  const rows = [...configs].sort(
    (one, other) => isDefault(one) - isDefault(other) || one.name.localeCompare(other.name),
  );
  return (
    <Panel title="Configs" aside="What was set for this topic stands first">
      <Table label="configs" columns={configColumns} rows={rows} keyOf={({ name }) => name} />
    </Panel>
  );
}

const configColumns: readonly Column<ConfigView>[] = [
  { name: 'Config', cell: ({ name }) => <code>{name}</code> },
  {
    name: 'Value',
    wide: true,
    cell: ({ value }) =>
      value === null ? <span class="quiet">hidden by the broker</span> : <code>{value || '–'}</code>,
  },
  {
    name: 'Where it is set',
    cell: ({ source }) =>
      source === 'default' ? <span class="quiet">default</span> : (sources[source] ?? source),
  },
];

function Users({ topic, shown: { readers }, flows }: ViewProps) {
  const writers = flows.filter((flow) => flow.topic === topic && flow.direction === 'sends');
  return (
    <>
      <Panel title="Groups that read it" aside="The lag is that on this topic">
        {readers.length === 0 ? (
          <Empty title="No group has committed an offset here" />
        ) : (
          <GroupTable groups={readers} />
        )}
      </Panel>
      <Panel title="Services that write it" aside="By the counters of our services; others do not show here">
        <Table
          label="writers"
          columns={writerColumns}
          rows={writers}
          keyOf={({ service }) => service}
          empty="No service has written since it started"
        />
      </Panel>
    </>
  );
}

const writerColumns: readonly Column<FlowView>[] = [
  { name: 'Service', cell: ({ service }) => service },
  { name: 'Messages since its start', numeric: true, cell: ({ total }) => count(total) },
  { name: 'Now', numeric: true, cell: (flow) => perSecond(flow.perSecond) },
];
