import type { Metric } from './measures.ts';
import type { Spread } from '../numbers.ts';
import type { Results } from './results.ts';
import type { SubjectName } from './subjects.ts';

/** A target for the ratio of our broker to Apache Kafka. */
export interface RatioTarget {
  readonly what: string;
  readonly measure: string;
  readonly metric: Metric;
  readonly pair: readonly [ours: SubjectName, theirs: SubjectName];
  readonly atLeast?: number;
  readonly atMost?: number;
  /** Whether CI ignores it, because a short run says too little or the client is the bottleneck. */
  readonly ungated?: boolean;
}

/** A limit for a figure of our broker. */
export interface Limit {
  readonly what: string;
  readonly atMost: number;
  readonly unit: string;
  /**
   * Whether CI fails if it is exceeded. Times do not fail CI, since those of a shared machine say
   * little.
   */
  readonly gated: boolean;
}

export interface Verdict {
  readonly what: string;
  readonly target: string;
  readonly measured: Spread;
  readonly unit: string;
  readonly met: boolean;
  /** Whether it passes CI's gate: a third of the target. */
  readonly passed: boolean;
  /** The measurement of our broker that decided, if the target belongs to a measure. */
  readonly of?: { readonly measure: string; readonly subject: SubjectName };
}

const neither = ['ours', 'kafka'] as const;
const both = ['ours, fsync', 'kafka, fsync'] as const;
const oursOnly = ['ours, fsync', 'kafka'] as const;
const latency = 'one record at 400/s, acks=all';
const smallBatches = 'produce 100 B in batches of 16 KB';

const cpu = (measure: string): RatioTarget => ({
  what: `${measure}: broker CPU per record`,
  measure,
  metric: 'cpuUs',
  pair: neither,
  atMost: 0.6,
});

const small = (measure: string, ungated: boolean): readonly RatioTarget[] => [
  { what: `${measure}, no fsync`, measure, metric: 'perSecond', pair: neither, atLeast: 4, ungated },
  { what: `${measure}, both fsync`, measure, metric: 'perSecond', pair: both, atLeast: 8, ungated },
];

const latencies = (metric: Metric, name: string, ungated: boolean): readonly RatioTarget[] => [
  { what: `${name}, no fsync`, measure: latency, metric, pair: neither, atMost: 1, ungated },
  { what: `${name}, both fsync`, measure: latency, metric, pair: both, atMost: 1, ungated },
];

export const ratioTargets: readonly RatioTarget[] = [
  {
    what: 'produce 100 B, both fsync',
    measure: 'produce 100 B, acks=all',
    metric: 'perSecond',
    pair: both,
    atLeast: 1.5,
  },
  {
    what: `${smallBatches}, both fsync`,
    measure: smallBatches,
    metric: 'perSecond',
    pair: both,
    atLeast: 1.5,
  },
  {
    what: 'produce 100 B, our fsync only',
    measure: 'produce 100 B, acks=all',
    metric: 'perSecond',
    pair: oursOnly,
    atLeast: 1,
  },
  cpu('produce 100 B, acks=all'),
  ...(['consume 100 B', 'consume 1 KB'] as const).flatMap((measure): readonly RatioTarget[] => [
    { what: measure, measure, metric: 'perSecond', pair: neither, atLeast: 1 },
    cpu(measure),
  ]),
  ...small('one-record requests, 64 pipelined', false),
  ...small('one-record requests, 64 connections', true),
  ...latencies('p50Ms', 'one record, ack p50', false),
  ...latencies('p99Ms', 'one record, ack p99', true),
  ...latencies('handlerP50Ms', 'produce to handler p50', false),
  ...latencies('handlerP99Ms', 'produce to handler p99', true),
];

export const limits = Object.freeze({
  handlerP50: { what: 'produce to handler p50, no fsync', atMost: 1, unit: 'ms', gated: false },
  startBroker: { what: 'startBroker() in a process', atMost: 100, unit: 'ms', gated: false },
  startCommand: { what: 'built command to its first answer', atMost: 100, unit: 'ms', gated: false },
  memory: { what: 'resident under load', atMost: 150, unit: 'MB', gated: true },
}) satisfies Readonly<Record<string, Limit>>;

const gateShare = 3;

/** Undefined if the pair was not measured. */
export function judged(target: RatioTarget, results: Results): Verdict | undefined {
  const { what, measure, metric, pair, atLeast, atMost, ungated = false } = target;
  const measured = results.ratio(measure, pair, metric);
  if (measured === undefined) return undefined;
  const { median } = measured;
  const verdict = { what, measured, unit: 'x', of: { measure, subject: pair[0] } };
  if (atLeast !== undefined)
    return {
      ...verdict,
      target: `>= ${atLeast}x`,
      met: median >= atLeast,
      passed: ungated || median >= atLeast / gateShare,
    };
  const most = atMost ?? NaN;
  return {
    ...verdict,
    target: `<= ${most}x`,
    met: median <= most,
    passed: ungated || median <= most * gateShare,
  };
}

export const withinLimit = ({ what, atMost, unit, gated }: Limit, measured: Spread): Verdict => ({
  what,
  target: `<= ${atMost} ${unit}`,
  measured,
  unit,
  met: measured.median <= atMost,
  passed: !gated || measured.median <= atMost * gateShare,
});
