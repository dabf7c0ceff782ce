import { swcOptions } from './tools/typescript/swc-options.mjs';

const root = import.meta.dirname;

/** On Apache Kafka the same suites count by themselves. */
const onEngine = process.env.MILLRACE_TEST_ENGINE === 'kafka' ? '-on-kafka' : '';

const base = (name, suite) => ({
  displayName: `${name}:${suite}${onEngine}`,
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['@millrace/source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', swcOptions] },
  modulePathIgnorePatterns: ['<rootDir>/dist'],
  reporters: ['default', `${root}/tools/ci/jest-counts-reporter.mjs`],
});

/** `*.spec.ts` beside the code: no database, no broker, no network. */
export const unitTests = (name) => ({
  ...base(name, 'test'),
  testMatch: ['<rootDir>/src/**/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/', '\\.(int|e2e|ci|kafka|documents)\\.spec\\.ts$'],
  maxWorkers: 2,
});

/** `*.int.spec.ts`: one PostgreSQL and one broker for the whole project, on free ports, in a temporary folder. */
export const integrationTests = (name) => ({
  ...base(name, 'test-int'),
  testMatch: ['<rootDir>/src/**/*.int.spec.ts'],
  globalSetup: `${root}/libs/testing/src/jest/global-setup.ts`,
  globalTeardown: `${root}/libs/testing/src/jest/global-teardown.ts`,
  testTimeout: 30_000,
  maxWorkers: 2,
});

/** What crosses projects: one whole stack for all that leave it alive, and a stack of its own for each test that kills. */
export const endToEndTests = (name) => ({
  ...base(name, 'test-e2e'),
  testMatch: ['<rootDir>/src/**/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/', '\\.(ci|kafka|documents)\\.spec\\.ts$'],
  globalSetup: `${root}/test/support/src/stack/stack-setup.ts`,
  globalTeardown: `${root}/libs/testing/src/jest/global-teardown.ts`,
  testTimeout: 120_000,
  maxWorkers: 1,
});

/** `*.ci.spec.ts`: end to end as well, in minutes each; CI runs them, `npm test` does not. Each starts the stacks that it needs. */
export const longTests = (name) => ({
  ...base(name, 'test-ci'),
  testMatch: ['<rootDir>/src/**/*.ci.spec.ts'],
  testTimeout: 300_000,
  maxWorkers: 1,
});

/** `*.documents.spec.ts`: runs the commands of the README. They have a target of their own, so that a change of that page runs nothing else for minutes. */
export const documentTests = (name) => ({
  ...longTests(name),
  displayName: `${name}:test-documents`,
  testMatch: ['<rootDir>/src/**/*.documents.spec.ts'],
});

/** `*.kafka.spec.ts`: on Apache Kafka, on brokers that each test starts itself; `npm run test:kafka` runs them, `npm test` does not. */
export const kafkaTests = (name) => ({
  ...base(name, 'test-kafka'),
  testMatch: ['<rootDir>/src/**/*.kafka.spec.ts'],
  testTimeout: 120_000,
  maxWorkers: 1,
});

/** The same with one node of Apache Kafka for the project, and one PostgreSQL. */
export const sharedKafkaTests = (name) => ({
  ...kafkaTests(name),
  globalSetup: `${root}/libs/testing/src/jest/kafka-setup.ts`,
  globalTeardown: `${root}/libs/testing/src/jest/global-teardown.ts`,
});

/** Long tests on a container engine, which is found or started once for all of them, with the images built. */
export const containerTests = (name) => ({
  ...longTests(name),
  globalSetup: `${root}/test/containers/src/engine-setup.ts`,
  globalTeardown: `${root}/test/containers/src/engine-teardown.ts`,
  testTimeout: 600_000,
});
