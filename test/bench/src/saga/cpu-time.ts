import { processTree, statOf } from '../process-tree.ts';

/** The clock ticks per second in /proc: 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;

/**
 * The CPU time in ms that a process and its ended children have used. Undefined if there is no
 * /proc.
 */
export function cpuTimeMs(pid: number): number | undefined {
  const fields = statOf(pid);
  if (fields === undefined) return undefined;
  const [user, system, childrenUser, childrenSystem] = fields.slice(11, 15).map(Number);
  return (
    (((user ?? 0) + (system ?? 0) + (childrenUser ?? 0) + (childrenSystem ?? 0)) * 1_000) / ticksPerSecond
  );
}

/**
 * The CPU time in ms of a process and all its living children. PostgreSQL's server is one process
 * per connection.
 */
export function cpuTimeOfTreeMs(pid: number): number | undefined {
  if (cpuTimeMs(pid) === undefined) return undefined;
  return processTree(pid).reduce((sum, each) => sum + (cpuTimeMs(each) ?? 0), 0);
}
