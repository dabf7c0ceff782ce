import type { Metric } from './measures.ts';
import type { MissProfile } from './profile-misses.ts';
import type { Results } from './results.ts';
import { subjectNames } from './subjects.ts';
import type { Verdict } from './targets.ts';
import type { Spread } from '../numbers.ts';
import { table, verdictTable } from '../report.ts';

export interface RunFacts {
  readonly machine: string;
  readonly date: string;
  readonly command: string;
  readonly rounds: number;
  readonly seconds: number;
  /** The 1-minute load average when the bench began, caused by other work on the machine. */
  readonly loadBefore: number;
}

export interface MemoryFact {
  readonly engine: string;
  readonly idleMb: number;
  readonly peakMb: number;
  readonly startMs: number;
}

export interface Report {
  readonly results: Results;
  readonly verdicts: readonly Verdict[];
  readonly memory: readonly MemoryFact[];
  readonly facts: RunFacts;
  /** The profiles of the measures that missed a target. */
  readonly profiles: readonly MissProfile[];
}

interface MetricTable {
  readonly title: string;
  readonly digits: number;
  /** Each metric, and the text that follows the name of the measure in its rows. */
  readonly metrics: ReadonlyArray<readonly [metric: Metric, suffix: string]>;
}

const metricTables: readonly MetricTable[] = [
  { title: 'per second', digits: 0, metrics: [['perSecond', '']] },
  { title: 'broker CPU, us each', digits: 2, metrics: [['cpuUs', '']] },
  {
    title: 'milliseconds',
    digits: 2,
    metrics: [
      ['p50Ms', ': ack p50'],
      ['p99Ms', ': ack p99'],
      ['handlerP50Ms', ': to handler p50'],
      ['handlerP99Ms', ': to handler p99'],
    ],
  },
];

/** Renders the whole report as Markdown. */
export function numbers({ results, verdicts, memory, facts, profiles }: Report): string {
  const { machine, date, command, rounds, seconds, loadBefore } = facts;
  return [
    `${date}, ${machine}; load average before: ${loadBefore}. \`${command}\`: ${rounds} rounds, ` +
      `each engine in turn, runs of about ${seconds} s. ` +
      'Median (least to most). "fsync": on disk before acks=all is answered (ours: flush `commit`, ' +
      'the default; Kafka: `flush.messages=1`).',
    verdictTable(shownVerdicts(verdicts)),
    ...metricTables.flatMap((shape) => metricTable(results, shape)),
    'Start and memory (Kafka: JVM as its start script sets it):',
    table(
      ['engine', 'start, ms', 'idle, MB', 'peak under load, MB'],
      memory.map(({ engine, startMs, idleMb, peakMb }) => [
        engine,
        shown(startMs, 0),
        shown(idleMb, 0),
        shown(peakMb, 0),
      ]),
    ),
    ...profiles.map(inWords),
  ].join('\n\n');
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;

const inWords = ({ measure, subject, idleShare, parts }: MissProfile): string =>
  `Profile of _${measure}_, ${subject}: the broker's thread is idle for ${percent(idleShare)} of the ` +
  'run. Of the rest: ' +
  `${parts.map(({ name, share }) => `\`${name}\` ${percent(share)}`).join(', ')}.`;

export const shownVerdicts = (verdicts: readonly Verdict[]) =>
  verdicts.map((verdict) => ({ ...verdict, measured: `${spread(verdict.measured, 2)} ${verdict.unit}` }));

function metricTable(results: Results, { title, digits, metrics }: MetricTable): readonly string[] {
  const rows = metrics.flatMap(([metric, suffix]) =>
    results.measures
      .map((measure) => ({
        measure,
        spreads: subjectNames.map((name) => results.spread(measure, name, metric)),
      }))
      .filter(({ spreads }) => spreads.some((found) => found !== undefined))
      .map(({ measure, spreads }) => [
        `${measure}${suffix}`,
        ...spreads.map((found) => (found === undefined ? '' : spread(found, digits))),
      ]),
  );
  return rows.length === 0 ? [] : [table([title, ...subjectNames], rows)];
}

const spread = ({ median, min, max }: Spread, digits: number): string =>
  min === max
    ? shown(median, digits)
    : `${shown(median, digits)} (${shown(min, digits)} to ${shown(max, digits)})`;

function shown(value: number, digits: number): string {
  if (Number.isNaN(value)) return '';
  if (value >= 1_000_000) return `${(value / 1_000_000).toFixed(2)}M`;
  return value >= 10_000 ? `${Math.round(value / 1_000)}k` : String(Number(value.toFixed(digits)));
}
