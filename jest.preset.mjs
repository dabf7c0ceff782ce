import './tools/typescript/register.mjs'; // a global setup may load classes with decorators

const root = import.meta.dirname;

/** The suffix that keeps results on Apache Kafka apart from those on the embedded broker. */
const onEngine = process.env.MILLRACE_TEST_ENGINE === 'kafka' ? '-on-kafka' : '';

const base = (name, suite) => ({
  displayName: `${name}:${suite}${onEngine}`,
  testEnvironment: `${root}/tools/jest/environment.mjs`,
  runtime: `${root}/tools/jest/runtime.mjs`,
  transform: {},
  modulePathIgnorePatterns: ['<rootDir>/dist'],
  // A worker with a heap of 1 GB ends its last file without an open handle and still takes 0.4 s of
  // CPU to exit. Jest's default of 500 ms calls that a leak on a busy machine.
  workerGracefulExitTimeout: 10_000,
  reporters: ['default', `${root}/tools/ci/jest-counts-reporter.mjs`],
});

/**
 * Runs `*.spec.ts` beside the code, without database, broker or network. Jest's default limit of
 * 5 s is too short for a property on a busy machine.
 */
export const unitTests = (name) => ({
  ...base(name, 'test'),
  testMatch: ['<rootDir>/src/**/*.spec.ts'],
  testPathIgnorePatterns: [
    '/node_modules/',
    '\\.(int|e2e|ci|kafka|redis|mariadb|opensearch|documents)\\.spec\\.ts$',
  ],
  testTimeout: 20_000,
  maxWorkers: 2,
});

/**
 * Runs `*.int.spec.ts` with one PostgreSQL and one broker per project, on free ports and in a
 * temporary folder. Jest's limit is the last resort: every wait inside a test has a shorter limit,
 * and its error says what the test waited for.
 */
export const integrationTests = (name) => ({
  ...base(name, 'test-int'),
  testMatch: ['<rootDir>/src/**/*.int.spec.ts'],
  globalSetup: `${root}/libs/testing/src/jest/global-setup.ts`,
  globalTeardown: `${root}/libs/testing/src/jest/global-teardown.ts`,
  testTimeout: 120_000,
  maxWorkers: 2,
});

/** Runs `*.redis.spec.ts`, each with a Redis server of its own, as integration tests are run. */
export const redisTests = (name) => ({
  ...integrationTests(name),
  displayName: `${name}:verify-redis`,
  testMatch: ['<rootDir>/src/**/*.redis.spec.ts'],
});

/** Runs tests across projects. They share one stack; a test that kills processes starts its own. */
export const endToEndTests = (name) => ({
  ...base(name, 'test-e2e'),
  testMatch: ['<rootDir>/src/**/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/', '\\.(ci|kafka|redis|mariadb|opensearch|documents)\\.spec\\.ts$'],
  globalSetup: `${root}/test/support/src/stack/stack-setup.ts`,
  globalTeardown: `${root}/libs/testing/src/jest/global-teardown.ts`,
  testTimeout: 120_000,
  maxWorkers: 1,
});

/**
 * Runs `*.ci.spec.ts`: end-to-end tests that take minutes and start their own stacks. CI runs them,
 * `npm test` does not.
 */
export const longTests = (name) => ({
  ...base(name, 'test-ci'),
  testMatch: ['<rootDir>/src/**/*.ci.spec.ts'],
  testTimeout: 300_000,
  maxWorkers: 1,
});

/**
 * Runs `*.documents.spec.ts`, which use documents: they execute the README's commands, or change the
 * pages of a copy. They have a target of their own, so that a changed page reruns no other test.
 */
export const documentTests = (name) => ({
  ...longTests(name),
  displayName: `${name}:test-documents`,
  testMatch: ['<rootDir>/src/**/*.documents.spec.ts'],
});

/**
 * Runs `*.kafka.spec.ts` on Apache Kafka brokers that each test starts itself. `npm run test:kafka`
 * runs them, `npm test` does not.
 */
export const kafkaTests = (name) => ({
  ...base(name, 'test-kafka'),
  testMatch: ['<rootDir>/src/**/*.kafka.spec.ts'],
  testTimeout: 120_000,
  maxWorkers: 1,
});

/** Runs `*.kafka.spec.ts` with one node of Apache Kafka and one PostgreSQL per project. */
export const sharedKafkaTests = (name) => ({
  ...kafkaTests(name),
  globalSetup: `${root}/libs/testing/src/jest/kafka-setup.ts`,
  globalTeardown: `${root}/libs/testing/src/jest/global-teardown.ts`,
});

/**
 * Runs long tests on a container engine. The engine is found or started once, and the images are
 * built once.
 */
export const containerTests = (name) => ({
  ...longTests(name),
  globalSetup: `${root}/test/containers/src/engine-setup.ts`,
  globalTeardown: `${root}/test/containers/src/engine-teardown.ts`,
  testTimeout: 600_000,
});
