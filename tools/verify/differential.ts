import type { FindingGroup } from '../../test/conformance/src/differential/report.ts';
import type { DifferentialReport } from '../../test/conformance/src/differential/run.ts';
import { reportedRun } from './long-run.ts';

/** The JSON document that `test/conformance/src/differential/main.ts --json` prints. */
type PrintedReport = Omit<DifferentialReport, 'findings' | 'stale'> & {
  readonly findings: readonly FindingGroup[];
};

/** Plays the same scripted sessions on this broker and on Apache Kafka. */
export const differential = reportedRun<PrintedReport>({
  name: 'differential',
  summary: 'the same scripted sessions on this broker and on Apache Kafka',
  options: { sessions: '3000', seed: '1' },
  program: ['test/conformance/src/differential/main.ts', '--json'],
  page: ({ seed, sessions, compared, skipped, byApi, findings }) => ({
    title: 'Differences from Apache Kafka',
    about:
      'Sessions generated from a seed are played on this broker and on Apache Kafka 4.3.1. ' +
      'They cover records, idempotent producers, transactions, groups, offsets, topics, configs, ' +
      'admin requests and broken frames in every version, and many of them are wrong on purpose. ' +
      'Every field of every answer is compared. Values that an engine invents (member ids, ' +
      'producer ids, topic ids, fetch sessions) are numbered in order of appearance; addresses, ' +
      'texts and the engine’s time are masked. Each row is an accepted difference with an example and ' +
      'its reason. Any other difference fails the run, and so does a listed one that no longer occurs ' +
      'in CI’s slice.',
    columns: ['API', 'field, as an example', 'this broker', 'Apache Kafka', 'times', 'reason'],
    rows: rowsOf(findings),
    closing: [
      `seed ${seed}: ${sessions} sessions, ${compared} requests compared in ` +
        `${Object.keys(byApi).length} APIs and versions, ${skipped} served by one engine only`,
      `${findings.filter(({ reason }) => reason === undefined).length} differences that are not listed`,
    ],
  }),
});

/** Returns a row for each listed reason and a row for each unlisted difference. */
function rowsOf(findings: readonly FindingGroup[]): ReadonlyArray<readonly (string | number)[]> {
  const groups = new Map<string, FindingGroup[]>();
  for (const finding of findings) {
    const key = finding.reason ?? `${finding.api} ${finding.path} ${finding.ours} ${finding.kafkas}`;
    groups.set(key, [...(groups.get(key) ?? []), finding]);
  }
  return [...groups.values()].map((rows) => {
    const [{ path, ours, kafkas, example, reason }] = rows as [FindingGroup];
    const apis = [...new Set(rows.map(({ api }) => api))].sort().join(', ');
    return [
      apis,
      path,
      ours,
      kafkas,
      rows.reduce((sum, { times }) => sum + times, 0),
      reason ?? `not listed: see ${example}`,
    ];
  });
}
