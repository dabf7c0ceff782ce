import { readFileSync } from 'node:fs';

const BOOT_ID_FILE = '/proc/sys/kernel/random/boot_id';

/**
 * Returns what changes with each boot of the machine. What a process wrote without a sync survives
 * the process, but not the machine. Where the system does not tell, every start of a process counts
 * as a boot, so that files that were not closed are restored anew.
 */
export function readBootId(newUuid: () => string, file = BOOT_ID_FILE): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return newUuid();
  }
}
