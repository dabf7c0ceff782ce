import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { FindingGroup } from '../../test/conformance/src/differential/report.ts';
import type { DifferentialReport } from '../../test/conformance/src/differential/run.ts';
import { workspace } from '../workspace.ts';
import { commit, countOf, runLogged, seedOf, writePage, type LongRun } from './long-run.ts';

/** The JSON document that `test/conformance/src/differential/main.ts --json` prints. */
type PrintedReport = Omit<DifferentialReport, 'findings' | 'stale'> & {
  readonly findings: readonly FindingGroup[];
};

const program = [
  '--conditions=@millrace/source',
  '--import',
  './tools/typescript/register.mjs',
  'test/conformance/src/differential/main.ts',
  '--json',
];
const sessionsByDefault = '3000';
const seedByDefault = '1';

/** Plays the same scripted sessions on this broker and on Apache Kafka. */
export const differential: LongRun = {
  summary:
    `[--sessions ${sessionsByDefault}] [--seed ${seedByDefault}]: the same scripted sessions on this ` +
    'broker and on Apache Kafka; writes docs/reports/differential.md',
  async main(args) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        sessions: { type: 'string', default: sessionsByDefault },
        seed: { type: 'string', default: seedByDefault },
      },
    });
    const options = [
      '--sessions',
      String(countOf('--sessions', values.sessions)),
      '--seed',
      String(seedOf('--seed', values.seed)),
    ];
    const startedAt = new Date();
    const onCommit = commit();
    const logFile = join(workspace, 'tmp/differential.log');
    const { passed, output } = await runLogged('node', [...program, ...options], logFile);
    const [words, report] = reportIn(output);
    process.stdout.write(`${words}\n`);
    if (report === undefined) throw new Error(`the run printed no report: see ${logFile}`);
    writePage(pageOf(report, args), startedAt, onCommit);
    return passed;
  },
};

function reportIn(output: string): readonly [string, PrintedReport | undefined] {
  const lines = output.split('\n');
  const at = lines.findLastIndex((line) => line.startsWith('{"seed":'));
  return at < 0
    ? [output, undefined]
    : [lines.slice(0, at).join('\n'), JSON.parse(lines[at]!) as PrintedReport];
}

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

function pageOf(
  { seed, sessions, compared, skipped, byApi, findings }: PrintedReport,
  args: readonly string[],
) {
  const unlisted = findings.filter(({ reason }) => reason === undefined).length;
  return {
    path: 'docs/reports/differential.md',
    title: 'Differences from Apache Kafka',
    command: ['npm run verify -- differential', ...args].join(' '),
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
      `${unlisted} differences that are not listed`,
    ],
  };
}
