import type { Check } from './checks.ts';

/** Chooses the engine in the test library; the specs are the same. */
const onKafka = { MILLRACE_TEST_ENGINE: 'kafka' };

const nx = (name: string, target: string, projects: readonly string[] = [], files: readonly string[] = []): Check => ({
  name,
  command: 'nx',
  arguments: [
    ...['run-many', '-t', target, '--parallel=1', '--outputStyle=static'],
    ...(projects.length > 0 ? ['-p', projects.map((project) => `@millrace/${project}`).join(',')] : []),
    ...(files.length > 0 ? ['--', ...files] : []),
  ],
  environment: onKafka,
});

/**
 * Every suite that touches the log, on Apache Kafka. The others of consumer, relay and saga play their scripts on a log in memory and know no
 * engine; what they promise is tried here over the log: from outbox to effect, the order service with its saga, the payment service in an outage.
 */
export const kafkaChecks: readonly Check[] = [
  { name: 'tools that the tests on Apache Kafka need', command: 'node', arguments: ['tools/install-kafka.ts'] },
  nx(
    'facade, relay and consumer: tests on Apache Kafka',
    'test-int',
    ['streaming-core'],
    ['src/client/client.int', 'src/consumer/outbox-to-effect'],
  ),
  nx('two processes, roles: tests on Apache Kafka', 'test-int', ['service-chassis'], ['src/messaging']),
  nx('saga: tests on Apache Kafka', 'test-int', ['order'], ['src/fulfillment', 'src/order-killed']),
  nx('broker outage: tests on Apache Kafka', 'test-int', ['payment'], ['src/payment-outage']),
  nx('end-to-end tests and guides on Apache Kafka', 'test-e2e', ['e2e', 'guides']),
  nx("tests with Kafka's own tools", 'test-kafka'),
];
