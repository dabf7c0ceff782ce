/** One example, exercise or claim of the guides. */
export interface GuideRow {
  readonly id: string;
  /** What the guides describe. */
  readonly about: string;
  /** Pages that show it, relative to `docs`, by the words of their links. */
  readonly pages?: Readonly<Record<string, string>>;
  /** A part of it that is not shown, with the reason. */
  readonly without?: string;
  /** Why nothing shows it. Left out of the page once a test has the id. */
  readonly notYet?: string;
}

const notRun = 'README.md#what-the-guides-name-and-nothing-here-runs';
const uses = 'USES.md';

/** In the order of the ids. A title of a test that has the id needs no entry here. */
export const guideRows: readonly GuideRow[] = [
  { id: 'G01', about: 'A topic over three brokers' },
  { id: 'G02', about: 'Append, and read from the middle' },
  { id: 'G03', about: 'Same key, same partition, same order' },
  { id: 'G04', about: 'No key, and a partitioner of one’s own' },
  { id: 'G05', about: 'Replication and in-sync replicas', pages: { replication: 'reports/replication.md' } },
  { id: 'G06', about: 'Durability settings', pages: { 'what acks lose': 'reports/acks.md' } },
  { id: 'G07', about: 'Two groups over six partitions' },
  { id: 'G08', about: 'Rebalance by arithmetic' },
  { id: 'G09', about: 'Offsets: automatic and manual commits' },
  { id: 'G10', about: 'At most once, at least once, exactly once' },
  { id: 'G11', about: 'A retry is not a duplicate' },
  { id: 'G12', about: 'One transaction, several topics' },
  { id: 'G13', about: 'Consume, transform, produce' },
  { id: 'G14', about: 'Three ways to send' },
  { id: 'G15', about: 'Settings by purpose', pages: { 'the clients': 'reports/client-bench.md' } },
  { id: 'G16', about: 'The guides’ Python programs' },
  { id: 'G17', about: 'Retention: time, size, compaction, for ever' },
  { id: 'G18', about: 'Lag, and an alarm on it' },
  { id: 'G19', about: 'Metrics by name', pages: { METRICS: 'METRICS.md' } },
  { id: 'G20', about: 'What exactly once is made of' },
  {
    id: 'G21',
    about: 'From a chain of calls to a stream',
    pages: {
      analytics: `${uses}#analytics-what-the-orders-of-each-day-came-to`,
      'the same faults in both': 'CHOOSING.md#a-request',
    },
  },
  { id: 'G22', about: 'Event sourcing: the account' },
  { id: 'G23', about: 'Event sourcing: the user' },
  { id: 'G24', about: 'CQRS: write side, projector and read side apart' },
  { id: 'G25', about: 'Change data capture' },
  { id: 'G26', about: 'The saga, choreographed', pages: { 'both styles': 'CHOREOGRAPHY.md' } },
  { id: 'G27', about: 'The saga, orchestrated', pages: { 'both styles': 'CHOREOGRAPHY.md' } },
  { id: 'G28', about: 'One event, five reactions' },
  {
    id: 'G29',
    about: 'A dashboard of page views per minute',
    pages: { dashboard: `${uses}#dashboard-the-views-of-each-page-and-minute` },
  },
  {
    id: 'G30',
    about: 'Fraud: three countries within five minutes',
    pages: { fraud: `${uses}#fraud-three-countries-within-five-minutes` },
  },
  {
    id: 'G31',
    about: 'Log aggregation',
    pages: { logs: `${uses}#logs-all-lines-in-one-place-to-search-and-to-follow` },
    without: `[Logstash, Elasticsearch and Kibana](${notRun}) do not run here.`,
  },
  { id: 'G32', about: 'Word count', pages: { 'beside Kafka Streams': 'reports/streams-oracle.md' } },
  {
    id: 'G33',
    about: 'Filter, map, count, join',
    pages: { 'beside Kafka Streams': 'reports/streams-oracle.md' },
  },
  {
    id: 'G34',
    about: 'Windows: tumbling, hopping, sliding, session',
    pages: { 'beside Kafka Streams': 'reports/streams-oracle.md' },
  },
  { id: 'G35', about: 'Event time and processing time' },
  { id: 'G36', about: 'State and its changelog', pages: { 'state on the disk': 'reports/streams-state.md' } },
  {
    id: 'G37',
    about: 'ksqlDB: four statements',
    without: `[ksqlDB does not run here](${notRun}): the statements are operators of a topology.`,
  },
  {
    id: 'G38',
    about: 'Choosing an engine: Kafka Streams, Flink, Spark, ksqlDB',
    pages: {
      'beside Kafka Streams': 'reports/streams-oracle.md',
      'beside Flink CEP': 'reports/flink-cep.md',
      speed: 'reports/streams-bench.md',
    },
    without: `[Spark and ksqlDB do not run here](${notRun}), and Flink only to compare patterns.`,
  },
  {
    id: 'G39',
    about: 'Avro and a schema registry',
  },
  {
    id: 'G40',
    about: 'The source connector for MySQL',
    without:
      'Our runtime refuses the connector with the remedy. The remedy was run with MariaDB and the connector for it: ' +
      'MySQL itself was not run.',
  },
  { id: 'G41', about: 'The sink connector for PostgreSQL' },
  {
    id: 'G42',
    about: 'Exercise: topics, partitions and retention of a shop',
    pages: { reasons: 'TOPICS.md', catalogue: 'reference/topics.md' },
  },
  { id: 'G43', about: 'Exercise: payment events into PostgreSQL, exactly once' },
  {
    id: 'G44',
    about: 'Exercise: a key for user events, and a hot key',
    pages: { 'a hot key': 'TOPICS.md#a-hot-key' },
  },
  {
    id: 'G45',
    about: 'Exercise: Kafka or RabbitMQ for tasks',
    pages: { CHOOSING: 'CHOOSING.md#a-queue', figures: 'reports/queue.md' },
  },
  {
    id: 'G46',
    about: 'Questions, wrong beliefs, mistakes',
    pages: { 'what partitions cost': 'reports/partitions.md' },
  },
  { id: 'G47', about: 'Streaming, requests, queues or batches', pages: { CHOOSING: 'CHOOSING.md' } },
  { id: 'G48', about: 'Uses by company', pages: { uses } },
  {
    id: 'G49',
    about: 'Figures that the guides claim',
    pages: { SCALE: 'SCALE.md', 'tiered storage': 'reports/tiered-storage.md' },
    without: 'What needs more machines than one is named there.',
  },
];
