/** The system calls that change a disk. */
export const diskCalls = [
  'pwrite64',
  'write',
  'fdatasync',
  'fsync',
  'rename',
  'unlink',
  'ftruncate',
  'mkdir',
  'link',
] as const;
export type DiskSystemCall = (typeof diskCalls)[number];

/**
 * The fault that strace puts in place of the n-th call of a kind, counted separately for each
 * thread.
 */
export interface Injection {
  readonly call: DiskSystemCall;
  /** `killed`: SIGKILL as the call begins. Otherwise the call fails with this error. */
  readonly fault: 'killed' | 'EIO' | 'ENOSPC';
  /** Counted from 1. */
  readonly nth: number;
}

export const inWords = ({ call, fault, nth }: Injection): string => `${fault} at ${call} ${nth}`;

/** Leaves out `--seccomp-bpf`, because strace 6.1 delivers no signals with it. */
const straceInto = (path: string): readonly string[] => ['strace', '-f', '-s', '0', '-o', path];

/** The strace command that records the calls of the process that it runs. */
export const straceAll = (path: string): readonly string[] => [
  ...straceInto(path),
  '-e',
  `trace=${diskCalls.join(',')}`,
];

/**
 * The strace command that injects the fault into the process that it runs, and records what
 * happened.
 */
export function straceWith({ call, fault, nth }: Injection, path: string): readonly string[] {
  const what = fault === 'killed' ? 'signal=SIGKILL' : `error=${fault}`;
  return [...straceInto(path), '-e', `trace=${call}`, '-e', `inject=${call}:${what}:when=${nth}`];
}

export const happenedIn = (trace: string): boolean => /\(INJECTED\)|killed by SIGKILL/.test(trace);

/** How often each call was made by the thread that made it most often. */
export function countCalls(trace: string): ReadonlyMap<DiskSystemCall, number> {
  const byThread = new Map<string, number>();
  const most = new Map<DiskSystemCall, number>(diskCalls.map((call) => [call, 0]));
  for (const line of trace.split('\n')) {
    const [, thread, name] = /^(\d+)\s+([a-z0-9]+)\(/.exec(line) ?? [];
    const call = diskCalls.find((each) => each === name);
    if (thread === undefined || call === undefined) continue;
    const count = (byThread.get(`${thread} ${call}`) ?? 0) + 1;
    byThread.set(`${thread} ${call}`, count);
    most.set(call, Math.max(most.get(call) ?? 0, count));
  }
  return most;
}
