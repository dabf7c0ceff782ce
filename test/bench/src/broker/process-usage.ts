import { readFileSync } from 'node:fs';

export interface Memory {
  readonly residentMb: number;
  /** The peak since the start of the process. */
  readonly peakMb: number;
}

/**
 * Reads the memory of a process from /proc/PID/status (proc_pid_status(5)): the kB of VmRSS and
 * VmHWM.
 */
export function parseMemory(status: string): Memory {
  const megabytes = (field: string) =>
    Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? NaN) / 1_024;
  return { residentMb: megabytes('VmRSS'), peakMb: megabytes('VmHWM') };
}

export const memoryOf = (pid: number): Memory => parseMemory(readFileSync(`/proc/${pid}/status`, 'utf8'));
