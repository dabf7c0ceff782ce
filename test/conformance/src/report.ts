import type { CaseResult, Outcome } from './conformance-case.ts';
import type { EngineName } from './engines.ts';

export interface EngineResults {
  readonly engine: EngineName;
  readonly version: string;
  readonly results: readonly CaseResult[];
}

interface ClientFacts {
  readonly name: string;
  readonly title: string;
  /** Undefined if the client could not be fetched. */
  readonly version?: string;
}

export interface Report {
  readonly startedAt: Date;
  readonly minutes: number;
  readonly command: string;
  readonly commit: string;
  readonly machine: string;
  readonly clients: readonly ClientFacts[];
  readonly engines: readonly EngineResults[];
}

const engineTitles: Readonly<Record<EngineName, string>> = {
  embedded: 'embedded broker',
  kafka: 'Apache Kafka',
};

function countsOf(results: readonly CaseResult[]): Readonly<Record<Outcome, number>> {
  const count = (outcome: Outcome) => results.filter((result) => result.outcome === outcome).length;
  return { passed: count('passed'), failed: count('failed'), skipped: count('skipped') };
}

const countsText = (results: readonly CaseResult[]): string => {
  const { passed, failed, skipped } = countsOf(results);
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
};

export function summaryLines({ clients, engines }: Pick<Report, 'clients' | 'engines'>): readonly string[] {
  return engines.flatMap(({ engine, version, results }) => [
    ...clients.map(
      ({ name }) =>
        `${engine.padEnd(8)} ${name.padEnd(12)} ${countsText(results.filter(({ client }) => client === name))}`,
    ),
    `${engineTitles[engine]} ${version}: ${countsText(results)}`,
  ]);
}

/**
 * Whether the run is good: nothing failed on the embedded broker, and nothing was skipped that may
 * not be. If the embedded broker did not run, the engine that ran counts.
 */
export function isGood(engines: readonly EngineResults[], maySkip: boolean): boolean {
  const judged = engines.find(({ engine }) => engine === 'embedded') ?? engines[0];
  const { failed = 0, skipped = 0 } = judged === undefined ? {} : countsOf(judged.results);
  return judged !== undefined && judged.results.length > 0 && failed === 0 && (maySkip || skipped === 0);
}

const escaped = (text: string): string =>
  text.replaceAll('|', '\\|').replaceAll('\n', ' ').replaceAll('<', '&lt;');
const row = (cells: readonly string[]): string => `| ${cells.map(escaped).join(' | ')} |`;
const table = (columns: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(columns), row(columns.map(() => '---')), ...rows.map(row)].join('\n');

const about =
  'Unmodified clients of others run the same cases on the embedded broker and on Apache Kafka. ' +
  'The cases run one after the other on one broker of each engine, with both engines at the same time. ' +
  'A case that fails on both shows a limit of the client or of the case; a case that fails only on the ' +
  'embedded broker shows a fault of ours. The run writes this page.';

/** The page in Markdown: the counts per client, and the cases that did not pass. */
export function pageOf(report: Report): string {
  const { startedAt, minutes, command, commit, machine, clients, engines } = report;
  const facts = [
    ['date', `${startedAt.toISOString().slice(0, 16).replace('T', ' ')} UTC, ${minutes.toFixed(0)} minutes`],
    ...engines.map(({ engine, version, results }) => [
      engineTitles[engine],
      `${version}: ${countsText(results)}`,
    ]),
    ['machine', machine],
    ['commit', commit],
    ['command', `\`${command}\``],
  ];
  return `${[
    '# Conformance',
    about,
    table(['', ''], facts),
    '## Clients',
    table(
      ['client', 'what it is', 'version', ...engines.map(({ engine }) => engineTitles[engine])],
      clients.map(clientRow(engines)),
    ),
    ...problemsOf(engines),
  ].join('\n\n')}\n`;
}

const clientRow =
  (engines: readonly EngineResults[]) =>
  ({ name, title, version = 'not available' }: ClientFacts): readonly string[] => [
    name,
    title,
    version,
    ...engines.map(({ results }) => countsText(results.filter(({ client }) => client === name))),
  ];

function problemsOf(engines: readonly EngineResults[]): readonly string[] {
  const rows = engines.flatMap(({ engine, results }) =>
    results
      .filter(({ outcome }) => outcome !== 'passed')
      .map(({ client, name, outcome, reason = '' }) => [engineTitles[engine], client, name, outcome, reason]),
  );
  return rows.length === 0
    ? []
    : ['## Not passed', table(['engine', 'client', 'case', 'outcome', 'reason'], rows)];
}
