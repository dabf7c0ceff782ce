import type { FlowView } from '../../api/overview.ts';
import type { ConfigView, PartitionView, ShownTopic } from '../../api/topics.ts';
import { GroupTable } from '../../groups/page/group-list-page.tsx';
import { Trail } from '../../kit/links.tsx';
import { useLive } from '../../kit/live.ts';
import { pathTo } from '../../kit/paths.ts';
import { Facts, LivePage, Panel } from '../../kit/states.tsx';
import { Table, type Column } from '../../kit/table.tsx';
import { Tabs, tabOf } from '../../kit/tabs.tsx';
import { bytes, count, perSecond } from '../../kit/words.ts';
import { LiveTail, Messages } from './messages.tsx';
import { keptFor } from './topic-list-page.tsx';

const views = [
  ['', 'Messages'],
  ['tail', 'Live tail'],
  ['raw', 'Raw log'],
  ['partitions', 'Partitions'],
  ['configs', 'Configs'],
  ['users', 'Readers and writers'],
] as const;

interface TopicProps {
  readonly topic: string;
  readonly flows: readonly FlowView[];
}

/** One topic: its messages, as consumers see them, live and as the log stores them, and its facts. */
export function TopicPage({ topic, flows }: TopicProps) {
  const live = useLive<ShownTopic>(pathTo('api', 'topics', 'live', topic)).value;
  const title = <Trail from={['/topics', 'Topics']} here={topic} />;
  return (
    <LivePage title={title} live={live} instead={<a href="/topics">Show all topics</a>}>
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

function TopicFacts({ shown: { partitions, configs, topicId } }: { readonly shown: ShownTopic }) {
  const valueOf = Object.fromEntries(configs.map(({ name, value }) => [name, value]));
  return (
    <Facts
      of={{
        Partitions: count(partitions.length),
        Records: count(partitions.reduce((sum, partition) => sum + offsetsIn(partition), 0)),
        Size: bytes(partitions.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)),
        Kept: keptFor(valueOf),
        Cleanup: valueOf['cleanup.policy'] ?? '',
        Id: topicId,
      }}
    />
  );
}

const offsetsIn = ({ logStartOffset, logEndOffset }: PartitionView): number => logEndOffset - logStartOffset;

function View({ topic, shown, flows }: TopicProps & { readonly shown: ShownTopic }) {
  const view = tabOf('view', views);
  const partitions = shown.partitions.length;
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
      return (
        <Panel title="Configs" aside="What was set for this topic stands first">
          <Table
            label="configs"
            columns={configColumns}
            rows={shown.configs.toSorted(bySource)}
            keyOf={({ name }) => name}
          />
        </Panel>
      );
    case 'users':
      return (
        <>
          <Panel title="Groups that read it" aside="The lag is that on this topic">
            <GroupTable groups={shown.readers} empty="No group has committed an offset here" />
          </Panel>
          <Panel
            title="Services that write it"
            aside="By the counters of our services; others do not show here"
          >
            <Table
              label="writers"
              columns={writerColumns}
              rows={flows.filter((flow) => flow.topic === topic && flow.direction === 'sends')}
              keyOf={({ service }) => service}
              empty="No service has written since it started"
            />
          </Panel>
        </>
      );
    case 'tail':
      return <LiveTail topic={topic} partitions={partitions} />;
    default:
      return <Messages key={view} topic={topic} partitions={partitions} raw={view === 'raw'} />;
  }
}

const failed = (text: string) => <span class="badge failed">{text}</span>;
const quiet = (text: string) => <span class="quiet">{text}</span>;

const partitionColumns: readonly Column<PartitionView>[] = [
  { name: 'Partition', numeric: true, cell: ({ partition }) => partition },
  { name: 'Start', numeric: true, cell: ({ logStartOffset }) => count(logStartOffset) },
  { name: 'End', numeric: true, cell: ({ logEndOffset }) => count(logEndOffset) },
  { name: 'Records', numeric: true, cell: (partition) => count(offsetsIn(partition)) },
  { name: 'Size', numeric: true, cell: ({ sizeBytes }) => bytes(sizeBytes) },
  { name: 'Leader', cell: ({ leader }) => (leader < 0 ? failed('none') : `broker ${leader}`) },
  { name: 'Replicas', cell: ({ replicas }) => replicas.join(', ') },
  {
    name: 'In sync',
    cell: ({ replicas, inSyncReplicas: inSync }) =>
      inSync.length < replicas.length ? failed(`only ${inSync.join(', ')}`) : inSync.join(', '),
  },
];

const sources: Readonly<Record<string, string>> = {
  topic: 'set for this topic',
  broker: 'set for one broker',
  allBrokers: 'set for all brokers',
  brokerFile: 'file of the broker',
};

/** Sorts configs: those set for the topic come first, and defaults last. */
function bySource(one: ConfigView, other: ConfigView): number {
  const rank = ({ source }: ConfigView) => (source === 'topic' ? 0 : source === 'default' ? 2 : 1);
  return rank(one) - rank(other) || one.name.localeCompare(other.name);
}

const configColumns: readonly Column<ConfigView>[] = [
  { name: 'Config', cell: ({ name }) => <code>{name}</code> },
  {
    name: 'Value',
    wide: true,
    cell: ({ value }) => (value === null ? quiet('hidden by the broker') : <code>{value || '–'}</code>),
  },
  {
    name: 'Where it is set',
    cell: ({ source }) => (source === 'default' ? quiet('default') : (sources[source] ?? source)),
  },
];

const writerColumns: readonly Column<FlowView>[] = [
  { name: 'Service', cell: ({ service }) => service },
  { name: 'Messages since its start', numeric: true, cell: ({ total }) => count(total) },
  { name: 'Now', numeric: true, cell: (flow) => perSecond(flow.perSecond) },
];
