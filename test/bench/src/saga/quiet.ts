import { readFileSync } from 'node:fs';
import { round, sum } from '../numbers.ts';

/** The clock ticks per second in /proc: 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;
const loadMax = 0.3;
const foreignPercentMax = 5;

/** How the CPUs have spent their time since the machine started, in ms. Source: proc_stat(5). */
export interface MachineTime {
  /** In programs and in the kernel for them, but not in interrupts. */
  readonly busyMs: number;
  /** Taken by the host of a virtual machine. */
  readonly stolenMs: number;
  readonly totalMs: number;
}

/** What else ran while a bench measured. */
export interface Disturbance {
  /** The load average of the minute before. */
  readonly loadBefore: number;
  /** The CPU time of other programs, in percent of the machine's. Undefined if there is no /proc. */
  readonly foreignPercent: number | undefined;
  /** What the host took, in percent of the machine's CPU time. */
  readonly stolenPercent: number | undefined;
}

/** Undefined if there is no /proc. */
export function machineTime(read: () => string = readStat): MachineTime | undefined {
  let stat: string;
  try {
    stat = read();
  } catch {
    return undefined;
  }
  const [, ...ticks] = (stat.split('\n', 1)[0] ?? '').trim().split(/\s+/);
  const ms = ticks.map((count) => (Number(count) * 1_000) / ticksPerSecond);
  const [user = 0, nice = 0, system = 0, , , , , stolen = 0] = ms;
  return { busyMs: user + nice + system, stolenMs: stolen, totalMs: sum(ms.slice(0, 8)) };
}

const readStat = (): string => readFileSync('/proc/stat', 'utf8');

/** `ownMs` is the CPU time of all processes of the bench between the two times. */
export function disturbance(
  loadBefore: number,
  before: MachineTime | undefined,
  after: MachineTime | undefined,
  ownMs: number | undefined,
): Disturbance {
  if (before === undefined || after === undefined || ownMs === undefined)
    return { loadBefore, foreignPercent: undefined, stolenPercent: undefined };
  const percent = (ms: number) => round((100 * Math.max(0, ms)) / (after.totalMs - before.totalMs));
  return {
    loadBefore,
    foreignPercent: percent(after.busyMs - before.busyMs - ownMs),
    stolenPercent: percent(after.stolenMs - before.stolenMs),
  };
}

export const printedDisturbance = ({ loadBefore, foreignPercent, stolenPercent }: Disturbance): string =>
  `load average before: ${loadBefore.toFixed(2)}; meanwhile other programs took ${foreignPercent ?? '?'} % ` +
  `of the CPU time, and the host ${stolenPercent ?? '?'} %`;

/** Returns why the numbers of a run do not count, or undefined if the machine was quiet. */
export function whyNotQuiet({ loadBefore, foreignPercent }: Disturbance): string | undefined {
  if (loadBefore >= loadMax)
    return `the load average before was ${loadBefore.toFixed(2)}, and must be below ${loadMax}`;
  if (foreignPercent === undefined) return 'the system does not tell the CPU time of other programs';
  if (foreignPercent >= foreignPercentMax)
    return `other programs took ${foreignPercent} % of the CPU time, and must take less than ${foreignPercentMax} %`;
  return undefined;
}
