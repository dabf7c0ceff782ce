import { readFileSync } from 'node:fs';

export interface Memory {
  readonly residentMb: number;
  /** The most since the process has started. */
  readonly peakMb: number;
}

/** Reads the memory of a process from /proc/PID/status (proc_pid_status(5)). */
export function memoryOf(pid: number): Memory {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const megabytes = (field: string) =>
    Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? NaN) / 1_024;
  return { residentMb: megabytes('VmRSS'), peakMb: megabytes('VmHWM') };
}
