import type { Metric } from './measures.ts';
import type { MissProfile } from './profile-misses.ts';
import type { Results, Spread } from './results.ts';
import { subjectNames } from './subjects.ts';
import type { Verdict } from './targets.ts';
import { table } from '../table.ts';

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

const metrics: ReadonlyArray<{ readonly metric: Metric; readonly title: string; readonly digits: number }> = [
  { metric: 'perSecond', title: 'per second', digits: 0 },
  { metric: 'cpuUs', title: 'broker CPU, us each', digits: 2 },
  { metric: 'p50Ms', title: 'ack p50, ms', digits: 2 },
  { metric: 'p99Ms', title: 'ack p99, ms', digits: 2 },
  { metric: 'handlerP50Ms', title: 'to handler p50, ms', digits: 2 },
  { metric: 'handlerP99Ms', title: 'to handler p99, ms', digits: 2 },
];

/** Renders the whole report as Markdown. */
export function numbers({ results, verdicts, memory, facts, profiles }: Report): string {
  const { machine, date, command, rounds, seconds, loadBefore } = facts;
  return [
    `${date}, ${machine}; load average before: ${loadBefore}. \`${command}\`: ${rounds} rounds, ` +
      `each engine in turn, runs of about ${seconds} s. ` +
      'Median (least to most). "fsync": on disk before acks=all is answered (ours: flush `commit`, ' +
      'the default; Kafka: `flush.messages=1`).',
    verdictTable(verdicts),
    ...metrics.flatMap((metric) => metricTable(results, metric)),
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

export const verdictTable = (verdicts: readonly Verdict[]): string =>
  table(
    ['target', 'required', 'measured', ''],
    verdicts.map(({ what, target, measured, unit, met }) => [
      what,
      target,
      `${spread(measured, 2)} ${unit}`,
      met ? 'met' : '**missed**',
    ]),
  );

function metricTable(
  results: Results,
  { metric, title, digits }: (typeof metrics)[number],
): readonly string[] {
  const measured = results.measures.filter((measure) =>
    subjectNames.some((name) => results.values(measure, name, metric).length > 0),
  );
  if (measured.length === 0) return [];
  const rows = measured.map((measure) => [
    measure,
    ...subjectNames.map((name) => {
      const found = results.spread(measure, name, metric);
      return found === undefined ? '' : spread(found, digits);
    }),
  ]);
  return [table([title, ...subjectNames], rows)];
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
