import { round, spreadOf, type Spread } from '../numbers.ts';
import type { PeerName } from './peers.ts';
import type { WorkloadRun } from './run-workload.ts';
import type { Workload } from './workloads.ts';
import { grouped, table, type Verdict } from '../report.ts';

/** The runs of both sides with one workload, in the order of the rounds. */
export interface Measured {
  readonly workload: Workload;
  readonly runs: Readonly<Record<PeerName, readonly WorkloadRun[]>>;
}

const startLimitMs = 500;
const memoryLimitMb = 200;
const none = '-';

const rateOf = ({ records, workMs }: WorkloadRun): number => (records / workMs) * 1_000;
const ranged = ({ median, min, max }: Spread, shown: (value: number) => string): string =>
  min === max ? shown(median) : `${shown(median)} (${shown(min)} to ${shown(max)})`;

/** The ratio of our rate to that of Kafka Streams, round by round. */
const ratiosOf = ({ runs }: Measured): readonly number[] =>
  runs.ours.flatMap((ours, index) => {
    const theirs = runs['Kafka Streams'][index];
    return theirs === undefined ? [] : [rateOf(ours) / rateOf(theirs)];
  });

export function tableOf(measured: readonly Measured[]): string {
  const rows = measured.flatMap(({ workload, runs }) =>
    (['Kafka Streams', 'ours'] as const)
      .filter((peer) => runs[peer].length > 0)
      .map((peer) => [workload.title, peer, ...cellsOf(runs[peer])]),
  );
  const titles = [
    'topology',
    '',
    'per second',
    'CPU, µs each',
    'start to running, ms',
    'start to running with state, ms',
    'peak memory, MB',
  ];
  return table(titles, rows);
}

function cellsOf(runs: readonly WorkloadRun[]): readonly string[] {
  const withState = runs.flatMap(({ startWithStateMs }) => startWithStateMs ?? []);
  return [
    ranged(spreadOf(runs.map(rateOf)), grouped),
    ranged(
      spreadOf(runs.map(({ cpuMs, records }) => (cpuMs * 1_000) / records)),
      (value) => `${round(value)}`,
    ),
    ranged(spreadOf(runs.map(({ startMs }) => startMs)), grouped),
    withState.length === 0 ? none : ranged(spreadOf(withState), grouped),
    ranged(spreadOf(runs.map(({ peakMb }) => peakMb)), grouped),
  ];
}

/** Compares each workload with its target, and the start and memory of ours with their limits. */
export function verdictsOf(measured: readonly Measured[]): readonly Verdict[] {
  const compared = measured.flatMap((one): Verdict[] => {
    const ratios = ratiosOf(one);
    if (ratios.length === 0) return [];
    const ratio = spreadOf(ratios);
    const { title, ratioMin } = one.workload;
    return [
      {
        what: title,
        target: `>= ${ratioMin}x`,
        measured: `${ranged(ratio, (value) => value.toFixed(2))} x`,
        met: ratio.median >= ratioMin,
      },
    ];
  });
  const ours = measured.flatMap(({ runs }) => runs.ours);
  const starts = ours.flatMap(({ startWithStateMs }) => startWithStateMs ?? []);
  return [
    ...compared,
    ...below('start to running with state', starts, { max: startLimitMs, unit: 'ms' }),
    ...below(
      'peak memory',
      ours.map(({ peakMb }) => peakMb),
      { max: memoryLimitMb, unit: 'MB' },
    ),
  ];
}

function below(
  what: string,
  values: readonly number[],
  { max, unit }: { readonly max: number; readonly unit: string },
): readonly Verdict[] {
  if (values.length === 0) return [];
  const spread = spreadOf(values);
  const measured = `${ranged(spread, grouped)} ${unit}`;
  return [{ what, target: `< ${max} ${unit}`, measured, met: spread.max < max }];
}
