import { namesIn, processTree, textOf } from '../process-tree.ts';

/** The CPU time in ms that each thread has used. */
export type CpuOfThreads = ReadonlyMap<string, number>;

/**
 * The CPU time of the threads of a process and its descendants, which the kernel counts in nanoseconds:
 * the ticks of /proc/PID/stat are longer than what an idle process uses. Source: sched-stats(5).
 */
export const cpuOfTree = (root: number): CpuOfThreads =>
  new Map(
    processTree(root)
      .flatMap((pid) => namesIn(`/proc/${pid}/task`).map((thread) => `/proc/${pid}/task/${thread}/schedstat`))
      .map((file) => [file, Number(textOf(file).split(' ', 1)[0]) / 1e6]),
  );

/** What the threads have used since the look before. A thread that has ended since then is left out. */
export const cpuMsSince = (before: CpuOfThreads, now: CpuOfThreads): number =>
  [...now].reduce((sum, [thread, ms]) => sum + Math.max(0, ms - (before.get(thread) ?? 0)), 0);

/** The proportional set size in MB: its own memory, and its share of what it has in common with others. */
export const pssMb = (pid: number): number =>
  Number(/^Pss:\s+(\d+) kB$/m.exec(textOf(`/proc/${pid}/smaps_rollup`))?.[1] ?? NaN) / 1_024;

/** The descendant of a process that runs the program of an app. */
export function processOf(app: string, root: number): number {
  const found = processTree(root).find((pid) =>
    textOf(`/proc/${pid}/cmdline`).includes(`apps/${app}/src/main.ts`),
  );
  if (found === undefined) throw new Error(`no process of the stack runs ${app}`);
  return found;
}
