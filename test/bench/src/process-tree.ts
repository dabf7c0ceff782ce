import { readdirSync, readFileSync } from 'node:fs';

/** Lists a process and its living descendants. The list has the process alone if there is no /proc. */
export function processTree(root: number): readonly number[] {
  const pids = namesIn('/proc').filter((name) => /^\d+$/.test(name));
  const children = Map.groupBy(pids.map(Number), (pid) => Number(statOf(pid)?.[1]));
  const below = (pid: number): readonly number[] => [pid, ...(children.get(pid) ?? []).flatMap(below)];
  return below(root);
}

/**
 * The fields after the command's name, which may contain spaces: state, ppid, and so on. Source:
 * proc_pid_stat(5).
 */
export function statOf(pid: number): readonly string[] | undefined {
  const stat = textOf(`/proc/${pid}/stat`);
  return stat === '' ? undefined : stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

export const namesIn = (folder: string): readonly string[] => orIfGone(() => readdirSync(folder), []);
export const textOf = (file: string): string => orIfGone(() => readFileSync(file, 'utf8'), '');

/** A process may end at any time. */
function orIfGone<Found>(read: () => Found, otherwise: Found): Found {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
