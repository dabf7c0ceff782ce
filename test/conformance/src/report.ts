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

/** The file of `--json`. */
export interface Report {
  readonly clients: readonly ClientFacts[];
  readonly engines: readonly EngineResults[];
}

export const engineTitles: Readonly<Record<EngineName, string>> = {
  embedded: 'embedded broker',
  kafka: 'Apache Kafka',
};

function countsOf(results: readonly CaseResult[]): Readonly<Record<Outcome, number>> {
  const count = (outcome: Outcome) => results.filter((result) => result.outcome === outcome).length;
  return { passed: count('passed'), failed: count('failed'), skipped: count('skipped') };
}

export const countsText = (results: readonly CaseResult[]): string => {
  const { passed, failed, skipped } = countsOf(results);
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
};

export function summaryLines({ clients, engines }: Report): readonly string[] {
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
