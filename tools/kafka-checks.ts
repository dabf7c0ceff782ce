import type { Check } from './checks.ts';

/** Chooses the engine in the test library; the specs are the same. */
const onKafka = { MILLRACE_TEST_ENGINE: 'kafka' };

interface Suites {
  readonly target: string;
  readonly projects: readonly string[];
  /** Parts of the paths of the test files; absent: all. */
  readonly files?: readonly string[];
}

const onApacheKafka = (name: string, { target, projects, files = [] }: Suites): Check => ({
  name: `${name}: tests on Apache Kafka`,
  command: 'nx',
  arguments: [
    'run-many',
    '-t',
    target,
    '-p',
    projects.map((project) => `@millrace/${project}`).join(','),
    '--parallel=1',
    '--outputStyle=static',
    ...(files.length > 0 ? ['--', ...files] : []),
  ],
  environment: onKafka,
});

/**
 * Every suite that touches the log, on Apache Kafka. The others of consumer, relay and saga play their scripts on a log in memory and know no
 * engine; what they promise is tried here over the log: from outbox to effect, the order service with its saga, the payment service in an outage.
 */
export const kafkaChecks: readonly Check[] = [
  {
    name: 'tools that the tests on Apache Kafka need',
    command: 'node',
    arguments: ['tools/install-kafka.ts'],
  },
  onApacheKafka('facade, relay and consumer', {
    target: 'test-int',
    projects: ['streaming-core'],
    files: ['src/client/client.int', 'src/consumer/outbox-to-effect'],
  }),
  onApacheKafka('processes of a service', {
    target: 'test-int',
    projects: ['service-chassis'],
    files: ['src/messaging'],
  }),
  onApacheKafka('saga', {
    target: 'test-int',
    projects: ['order'],
    files: ['src/fulfillment', 'src/order-killed'],
  }),
  onApacheKafka('an outage of the broker', {
    target: 'test-int',
    projects: ['payment'],
    files: ['src/payment-outage'],
  }),
  onApacheKafka('end to end, guides', { target: 'test-e2e', projects: ['e2e', 'guides'] }),
  // Two suites at a time: each waits for one JVM after the other, and none has a bound in time.
  {
    name: "tests with Kafka's own tools",
    command: 'nx',
    arguments: ['run-many', '-t', 'test-kafka', '--parallel=2', '--outputStyle=static'],
  },
];
