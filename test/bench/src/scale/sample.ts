import { cpus } from 'node:os';
import { percentile, sum } from '../numbers.ts';
import type { Load } from '../saga/load.ts';
import type { CpuTimes, Fleet } from './fleet.ts';

/** One measurement of one configuration. */
export interface Sample {
  readonly ordersPerSecond: number;
  readonly p50Ms: number;
  /** The CPU ms by service (all its processes), `postgres`, `broker` and `client`. */
  readonly cpuMsPerOrder: Readonly<Record<string, number>>;
  /**
   * The share of all cores that the system and this client have used. At 1 they have used all of
   * it.
   */
  readonly machineShare: number;
  /** The share of all cores that everything on the machine has used. */
  readonly busyShare: number;
  /**
   * The Node process that came closest to using a whole core. PostgreSQL is many processes, so it
   * does not count.
   */
  readonly busiest: { readonly part: string; readonly coreShare: number };
}

export async function takeSample(
  fleet: Fleet,
  load: Load,
  { concurrency, orders }: { concurrency: number; orders: number },
): Promise<Sample> {
  const before = fleet.cpuTimes();
  const coresBefore = coreTimes();
  const { orders: timed, seconds } = await load.closedLoop(Math.min(concurrency, orders), orders);
  const after = fleet.cpuTimes();
  const coresAfter = coreTimes();
  const busyShare = (coresAfter.busy - coresBefore.busy) / (coresAfter.all - coresBefore.all);
  return sampleOf({ before, after, ms: timed.map(({ ms }) => ms), seconds, cores: cpus().length, busyShare });
}

/** The ms of all cores together. */
function coreTimes(): { readonly busy: number; readonly all: number } {
  const times = cpus().map((core) => core.times);
  const all = sum(times.flatMap((each) => Object.values(each)));
  return { all, busy: all - sum(times.map(({ idle }) => idle)) };
}

export interface Observed {
  readonly before: CpuTimes;
  readonly after: CpuTimes;
  /** The time of each order. */
  readonly ms: readonly number[];
  readonly seconds: number;
  readonly cores: number;
  readonly busyShare: number;
}

export function sampleOf({ before, after, ms, seconds, cores, busyShare }: Observed): Sample {
  const used = [...after].map(([part, now]) => ({ part, ms: now - (before.get(part) ?? 0) }));
  const cpuMsPerOrder: Record<string, number> = {};
  for (const { part, ms: cpuMs } of used) {
    const service = part.replace(/-\d+$/, '');
    cpuMsPerOrder[service] = (cpuMsPerOrder[service] ?? 0) + cpuMs / ms.length;
  }
  const nodes = used.filter(({ part }) => part !== 'postgres').toSorted((one, other) => other.ms - one.ms);
  const [busiest = { part: 'client', ms: 0 }] = nodes;
  return {
    ordersPerSecond: ms.length / seconds,
    p50Ms: percentile(
      ms.toSorted((one, other) => one - other),
      0.5,
    ),
    cpuMsPerOrder,
    machineShare: sum(used.map((part) => part.ms)) / (seconds * 1_000 * cores),
    busyShare,
    busiest: { part: busiest.part, coreShare: busiest.ms / (seconds * 1_000) },
  };
}
