import { median, sum } from '../numbers.ts';
import { inWords, type Configuration } from './configurations.ts';
import type { Sample } from './sample.ts';

export interface Measurement {
  readonly configuration: Configuration;
  readonly samples: readonly Sample[];
}

export interface Summary {
  readonly configuration: Configuration;
  readonly name: string;
  readonly ordersPerSecond: { readonly median: number; readonly min: number; readonly max: number };
  readonly p50Ms: number;
  /** The medians by part. */
  readonly cpuMsPerOrder: Readonly<Record<string, number>>;
  readonly machineShare: number;
  /** The resource that limits the throughput. */
  readonly bottleneck: string;
}

export function summaryOf({ configuration, samples }: Measurement): Summary {
  const rates = samples.map(({ ordersPerSecond }) => ordersPerSecond);
  const parts = Object.keys(samples[0]?.cpuMsPerOrder ?? {});
  return {
    configuration,
    name: inWords(configuration),
    ordersPerSecond: { median: median(rates), min: Math.min(...rates), max: Math.max(...rates) },
    p50Ms: median(samples.map(({ p50Ms }) => p50Ms)),
    cpuMsPerOrder: Object.fromEntries(
      parts.map((part) => [part, median(samples.map(({ cpuMsPerOrder }) => cpuMsPerOrder[part] ?? 0))]),
    ),
    machineShare: median(samples.map(({ machineShare }) => machineShare)),
    bottleneck: bottleneckOf(samples),
  };
}

/** At this used share of all cores, the machine counts as full. */
const machineFull = 0.85;
/** At this share of other work, the numbers count as spoilt. */
const othersMatter = 0.1;
/** A Node process computes on one core. At this share, that core counts as full. */
const coreFull = 0.85;

/** Names the bottleneck from the measured use alone. */
function bottleneckOf(samples: readonly Sample[]): string {
  const share = median(samples.map(({ machineShare }) => machineShare));
  const busy = median(samples.map(({ busyShare }) => busyShare));
  const most = largestPart(samples);
  const others = busy - share >= othersMatter ? `, ${percent(busy - share)} by others on this machine` : '';
  if (busy >= machineFull) return `all cores (${percent(share)} used${others}; ${most})`;
  const busiest = samples.toSorted((one, other) => other.busiest.coreShare - one.busiest.coreShare)[0]
    ?.busiest;
  if (busiest !== undefined && busiest.coreShare >= coreFull)
    return `the one core of ${busiest.part} (${percent(busiest.coreShare)} used)`;
  return `waiting, not computing: ${percent(share)} of the cores used; ${most}`;
}

function largestPart(samples: readonly Sample[]): string {
  const parts = Object.keys(samples[0]?.cpuMsPerOrder ?? {}).map((part) => ({
    part,
    ms: median(samples.map(({ cpuMsPerOrder }) => cpuMsPerOrder[part] ?? 0)),
  }));
  const all = sum(parts.map(({ ms }) => ms));
  const [first = { part: 'nothing', ms: 0 }] = parts.toSorted((one, other) => other.ms - one.ms);
  return `most by ${first.part}, ${percent(first.ms / all)}`;
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;
