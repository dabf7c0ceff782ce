import type { Check } from './checks.ts';

const nx = (name: string, target: string, parallel: number, ...which: readonly string[]): Check => ({
  name,
  command: 'nx',
  arguments: ['run-many', '-t', target, `--parallel=${parallel}`, '--outputStyle=static', ...which],
});

/** What `npm test` runs, in this order: what fails fast first. */
export const testChecks: readonly Check[] = [
  { name: 'tools that the tests need', command: 'node', arguments: ['tools/install-test-tools.ts'] },
  { name: 'format', command: 'prettier', arguments: ['--check', '--log-level', 'warn', '.'] },
  nx('lint', 'lint', 2),
  { name: 'types', command: 'tsc', arguments: ['-b'] },
  nx('unit tests', 'test', 2),
  nx('integration tests', 'test-int', 2),
  nx('end-to-end tests and guides', 'test-e2e', 1),
];

/** They mostly wait, for JVMs, containers, elections and timeouts, and what they assert holds at any pace. The others have the machine to themselves: they have bounds in time. */
const patient = ['conformance', 'containers', 'e2e', 'forking', 'operations', 'replication']
  .map((project) => `@millrace/${project}`)
  .join(',');

/** What takes minutes: kills, outages, a fork of the workspace, foreign clients on both engines. */
export const longChecks: readonly Check[] = [
  {
    name: 'programs that the foreign clients need',
    command: 'node',
    arguments: ['tools/install-conformance.ts'],
  },
  nx('long tests, two suites at a time', 'test-ci', 2, `--projects=${patient}`),
  nx('long tests, one suite at a time', 'test-ci', 1, `--exclude=${patient}`),
];

/** Numbers of a shared machine are worth nothing: whether the bench runs, within a minute. */
export const scaleCheck: Check = {
  name: 'bench of scale',
  command: 'npm',
  arguments: ['run', '--silent', 'bench', '--', 'scale', '--quick'],
};

/** Ratios to Apache Kafka on the same machine: beyond a third of a target something has gone wrong. */
export const brokerCheck: Check = {
  name: 'bench of the broker',
  command: 'npm',
  arguments: ['run', '--silent', 'bench', '--', 'broker', '--quick'],
};

/** Prometheus' own tool plays the alerts of deploy/prometheus. */
export const alertRulesCheck: Check = {
  name: 'alert rules',
  command: 'node',
  arguments: ['tools/check-alert-rules.ts'],
};

/** After every test that has to run. */
export const guaranteesCheck: Check = {
  name: 'every guarantee names a test that ran and passed',
  command: 'node',
  arguments: ['tools/check-guarantees.ts'],
};
