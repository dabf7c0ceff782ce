import { readdirSync, readFileSync } from 'node:fs';

/** The kernel counts in these units (`getconf CLK_TCK`). */
const msPerTick = 10;

interface Stat {
  readonly parent: number;
  readonly own: number;
  /** Of the children that have ended and were waited for. */
  readonly ended: number;
}

function statOf(pid: number | string): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const [parent = 0] = fields.slice(1);
    return { parent, own: sum(fields.slice(11, 13)), ended: sum(fields.slice(13, 15)) };
  } catch {
    return undefined; // it has ended
  }
}

/** The processor time of a process so far, in milliseconds. Linux only. */
export const processorMs = (pid: number): number => (statOf(pid)?.own ?? 0) * msPerTick;

export const parentOf = (pid: number): number => statOf(pid)?.parent ?? 0;

/** The processor time of a process and all its children, in milliseconds. */
export function familyMs(pid: number): number {
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => statOf(name) ?? [])
    .filter(({ parent }) => parent === pid);
  const head = statOf(pid);
  return (sum(children.map(({ own }) => own)) + (head?.own ?? 0) + (head?.ended ?? 0)) * msPerTick;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
