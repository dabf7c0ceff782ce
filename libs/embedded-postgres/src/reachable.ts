import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { SystemAccount } from './account.ts';

/** Whether the account may pass through every folder above `path`: under a parent of mode 0700 it may not. */
export async function isReachable(path: string, account: SystemAccount): Promise<boolean> {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const found = await stat(folder).catch(() => undefined);
    if (found !== undefined && !mayEnter(found, account)) return false;
    if (folder === dirname(folder)) return true;
  }
}

/** The class of bits that counts is the first that fits: owner, group, others. */
export function mayEnter(
  { mode, uid, gid }: { mode: number; uid: number; gid: number },
  account: SystemAccount,
): boolean {
  if (uid === account.uid) return (mode & 0o100) !== 0;
  if (gid === account.gid) return (mode & 0o010) !== 0;
  return (mode & 0o001) !== 0;
}
