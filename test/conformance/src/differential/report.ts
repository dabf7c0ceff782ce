import type { DifferentialReport, Finding } from './run.ts';

export interface FindingGroup {
  readonly api: string;
  readonly versions: string;
  readonly path: string;
  readonly ours: string;
  readonly kafkas: string;
  readonly times: number;
  readonly example: string;
  readonly about: string | undefined;
  readonly reason: string | undefined;
}

/**
 * Returns each kind of difference once, with its number of occurrences and an example, the most
 * frequent first.
 */
export function grouped(findings: readonly Finding[]): readonly FindingGroup[] {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const key = [finding.api, finding.path, finding.ours, finding.kafkas, finding.about].join('\n');
    groups.set(key, [...(groups.get(key) ?? []), finding]);
  }
  return [...groups.values()].map(groupOf).sort((a, b) => b.times - a.times);
}

function groupOf(findings: readonly Finding[]): FindingGroup {
  const [{ api, path, ours, kafkas, about, session, at, known }] = findings as [Finding];
  const versions = [...new Set(findings.map(({ version }) => version ?? -1))].sort((a, b) => a - b);
  return {
    api,
    versions: versions.join(' '),
    path,
    ours,
    kafkas,
    times: findings.length,
    example: `${session} #${at}`,
    about,
    reason: known?.reason,
  };
}

const kindsMax = 80;

/** The text for the log of a run: the totals, then every difference that is not listed. */
export function inWords({ seed, sessions, compared, skipped, findings, stale }: DifferentialReport): string {
  const unknown = grouped(findings.filter(({ known }) => known === undefined));
  const knownTimes = findings.filter(({ known }) => known !== undefined).length;
  return [
    `seed ${seed}: ${sessions} sessions, ${compared} requests compared, ` +
      `${skipped} served by one engine only, ${knownTimes} listed differences, ` +
      `${unknown.length} kinds not listed`,
    ...unknown.slice(0, kindsMax).map(lineOf),
    ...stale.map(({ api, reason }) => `  no longer occurs: ${String(api)}: ${reason}`),
  ].join('\n');
}

const lineOf = ({ api, versions, path, ours, kafkas, times, example, about }: FindingGroup): string =>
  `  ${api} v${versions}${about === undefined ? '' : ` (${about})`}  ${path}: ours ${ours}, ` +
  `Kafka ${kafkas}  (${times} times, as in ${example})`;
