import { statfsSync } from 'node:fs';
import type { Broker, BrokerStatistics, DurationCounts } from '@millrace/streaming-core/broker';
import { collectDefaultMetrics, Counter, Gauge, Registry, type Metric } from 'prom-client';

type Series = ReadonlyArray<readonly [labels: Readonly<Record<string, string>>, value: number]>;
type Read<Values> = (statistics: BrokerStatistics) => Values;

/**
 * Gauges of Node that promtool rejects, because their names end like a counter's. Each is the sum
 * of another metric.
 */
const misnamed = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/**
 * The registry behind `/metrics`. A metric that OpenTelemetry's collectors for Kafka (JMX and
 * kafkametrics) also measure has their name, in Prometheus spelling; all others begin with
 * `millrace_broker_`. Values are read from the broker at each scrape.
 */
export function brokerMetrics(
  broker: Pick<Broker, 'statistics'>,
  { dataFolder }: { readonly dataFolder: string },
): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 1_000 });
  for (const name of misnamed) registry.removeSingleMetric(name);
  const registers = [registry];
  const statistics = readOncePerTurn(() => broker.statistics());
  const counter = (name: string, help: string, labelNames: readonly string[], read: Read<Series>) =>
    new Counter({
      name,
      help,
      labelNames: [...labelNames],
      registers,
      collect() {
        this.reset();
        for (const [labels, value] of read(statistics())) this.inc(labels, value);
      },
    });
  const gauge = (name: string, help: string, labelNames: readonly string[], read: Read<Series>) =>
    new Gauge({
      name,
      help,
      labelNames: [...labelNames],
      registers,
      collect() {
        this.reset();
        for (const [labels, value] of read(statistics())) this.set(labels, value);
      },
    });
  const durations = (name: string, help: string, read: Read<readonly LabelledDurations[]>) =>
    registry.registerMetric(durationMetric({ name, help, read: () => read(statistics()) }));

  counter(
    'kafka_message_count_total',
    'Records appended, by topic. A batch that was sent twice counts once',
    ['topic'],
    ({ topics }) => [...topics].map(([topic, { recordsIn }]) => [{ topic }, recordsIn]),
  );
  counter(
    'kafka_network_io_bytes_total',
    'Bytes of record batches, as compressed, that were appended (in) and fetched (out), by topic ' +
      'and direction',
    ['topic', 'direction'],
    networkIo,
  );
  counter(
    'millrace_broker_received_bytes_total',
    'All bytes of the Kafka protocol that clients have sent',
    [],
    ({ bytesReceived }) => [[{}, bytesReceived]],
  );
  counter(
    'millrace_broker_sent_bytes_total',
    'All bytes of the Kafka protocol that were sent to clients',
    [],
    ({ bytesSent }) => [[{}, bytesSent]],
  );
  gauge('millrace_broker_connections', 'Open connections', [], ({ connections }) => [[{}, connections]]);
  gauge(
    'millrace_broker_offline',
    '1 once a write or an fsync has failed. The broker then accepts no more records, and /livez ' +
      'answers 503; a restart checks the disk',
    [],
    ({ offlineCause }) => [[{}, offlineCause === undefined ? 0 : 1]],
  );
  gauge('millrace_broker_data_free_bytes', 'Free space on the disk of the data folder', [], () => [
    [{}, freeBytes(dataFolder)],
  ]);
  const place = ['topic', 'partition'] as const;
  gauge(
    'millrace_broker_log_size_bytes',
    'Size of the log files, by topic and partition',
    place,
    perPartition(({ sizeBytes }) => sizeBytes),
  );
  gauge(
    'kafka_partition_current_offset',
    'High watermark, by topic and partition: the next offset that is not durable yet',
    place,
    perPartition(({ highWatermark }) => Number(highWatermark)),
  );
  gauge(
    'kafka_partition_oldest_offset',
    'Log start offset, by topic and partition',
    place,
    perPartition(({ logStartOffset }) => Number(logStartOffset)),
  );
  const groupPlace = ['group', ...place] as const;
  gauge(
    'kafka_consumer_group_offset',
    'Offset that a group has committed to the broker, by group, topic and partition',
    groupPlace,
    perLag(({ committedOffset }) => Number(committedOffset)),
  );
  gauge(
    'kafka_consumer_group_lag',
    'Records between the offset that a group has committed to the broker and the high watermark, by ' +
      'group, topic and partition',
    groupPlace,
    perLag(({ lag }) => Number(lag)),
  );
  gauge('kafka_consumer_group_members', 'Members of a group, by group', ['group'], ({ groups }) =>
    groups.map(({ groupId, members }) => [{ group: groupId }, members]),
  );
  gauge('millrace_broker_groups', 'Groups, by state', ['state'], groupsByState);
  durations(
    'millrace_broker_request_duration_seconds',
    'Time from the arrival of a request to its answer, by kind of request. The time that Fetch and ' +
      'JoinGroup wait is included',
    ({ requests }) => [...requests].map(([request, counts]) => ({ labels: { request }, counts })),
  );
  durations(
    'millrace_broker_flush_duration_seconds',
    'Time of one sync of log files to disk',
    ({ flushes }) => [{ labels: {}, counts: flushes }],
  );
  return registry;
}

const networkIo: Read<Series> = ({ topics }) =>
  [...topics].flatMap(([topic, { bytesIn, bytesOut }]) => [
    [{ topic, direction: 'in' }, bytesIn] as const,
    [{ topic, direction: 'out' }, bytesOut] as const,
  ]);

const perPartition =
  (read: (partition: BrokerStatistics['partitions'][number]) => number): Read<Series> =>
  ({ partitions }) =>
    partitions.map((one) => [{ topic: one.topic, partition: String(one.partition) }, read(one)]);

const perLag =
  (read: (lag: BrokerStatistics['groups'][number]['lags'][number]) => number): Read<Series> =>
  ({ groups }) =>
    groups.flatMap(({ groupId, lags }) =>
      lags.map(
        (one) => [{ group: groupId, topic: one.topic, partition: String(one.partition) }, read(one)] as const,
      ),
    );

function groupsByState({ groups }: BrokerStatistics): Series {
  const counts = new Map<string, number>();
  for (const { state } of groups) counts.set(state, (counts.get(state) ?? 0) + 1);
  return [...counts].map(([state, count]) => [{ state }, count]);
}

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/** Makes all metrics of one scrape show the same moment. */
function readOncePerTurn<Value>(read: () => Value): () => Value {
  let current: { readonly value: Value } | undefined;
  return () => {
    if (current === undefined) {
      current = { value: read() };
      setImmediate(() => (current = undefined));
    }
    return current.value;
  };
}

export interface LabelledDurations {
  readonly labels: Readonly<Record<string, string>>;
  readonly counts: DurationCounts;
}

interface DurationMetricOptions {
  readonly name: string;
  readonly help: string;
  readonly read: () => readonly LabelledDurations[];
}

const msPerSecond = 1_000;

/**
 * A histogram with counts that are kept elsewhere, in the shape that a registry expects of its
 * metrics. prom-client's own histogram only takes single observations.
 */
export const durationMetric = ({ name, help, read }: DurationMetricOptions): Metric => {
  const get = () =>
    Promise.resolve({
      name,
      help,
      type: 'histogram',
      aggregator: 'sum',
      values: read().flatMap((one) => valuesOf(name, one)),
    });
  return { name, get, reset: () => undefined } as unknown as Metric;
};

function valuesOf(
  name: string,
  { labels, counts: { boundsMs, cumulative, sumMs, count } }: LabelledDurations,
) {
  const bucket = (le: number | string, value: number) => ({
    metricName: `${name}_bucket`,
    labels: { ...labels, le },
    value,
  });
  return [
    ...boundsMs.map((bound, index) => bucket(bound / msPerSecond, cumulative[index]!)),
    bucket('+Inf', count),
    { metricName: `${name}_sum`, labels, value: sumMs / msPerSecond },
    { metricName: `${name}_count`, labels, value: count },
  ];
}
