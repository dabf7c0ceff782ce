import { readFileSync } from 'node:fs';

const BOOT_ID_FILE = '/proc/sys/kernel/random/boot_id';

/**
 * Names the time since the machine was started: what a process wrote without a sync survives the
 * process, but not the machine. Where the system has no such id, the start of this process stands
 * for it, and so only a file that was closed in order is used again.
 */
export function bootId(processStartedAtMs: number, file = BOOT_ID_FILE): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return `process ${processStartedAtMs}`;
  }
}
