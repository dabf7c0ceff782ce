import { readdirSync, readFileSync } from 'node:fs';

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
  const own = cpuTimeMs(pid);
  if (own === undefined) return undefined;
  return childrenOf(pid).reduce((sum, child) => sum + (cpuTimeOfTreeMs(child) ?? 0), own);
}

/**
 * The fields after the command's name, which may contain spaces: state, ppid, and so on. Source:
 * proc_pid_stat(5).
 */
function statOf(pid: number | string): readonly string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

const childrenOf = (pid: number): readonly number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && statOf(name)?.[1] === String(pid))
    .map(Number);
