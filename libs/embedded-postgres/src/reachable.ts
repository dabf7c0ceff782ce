import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { SystemAccount } from './account.ts';

/**
 * Tells whether the account may enter every folder above `path`. It may not enter a parent of mode
 * 0700.
 */
export async function isReachable(path: string, account: SystemAccount): Promise<boolean> {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const found = await stat(folder).catch(() => undefined);
    if (found !== undefined && !mayEnter(found, account)) return false;
    if (folder === dirname(folder)) return true;
  }
}

/** Checks the first class of bits that applies: owner, group, others. */
export function mayEnter(
  { mode, uid, gid }: { mode: number; uid: number; gid: number },
  account: SystemAccount,
): boolean {
  if (uid === account.uid) return (mode & 0o100) !== 0;
  if (gid === account.gid) return (mode & 0o010) !== 0;
  return (mode & 0o001) !== 0;
}
