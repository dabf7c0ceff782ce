import { readFileSync } from 'node:fs';

export interface Memory {
  readonly residentMb: number;
  /** Since the start of the process. */
  readonly peakMb: number;
}

/** Of a process, by /proc/PID/status (proc_pid_status(5)): kB in VmRSS and VmHWM. */
export function parseMemory(status: string): Memory {
  const megabytes = (field: string) =>
    Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? NaN) / 1_024;
  return { residentMb: megabytes('VmRSS'), peakMb: megabytes('VmHWM') };
}

export const memoryOf = (pid: number): Memory => parseMemory(readFileSync(`/proc/${pid}/status`, 'utf8'));
