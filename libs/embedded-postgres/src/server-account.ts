import { stat, lstat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readFileSync } from 'node:fs';
import { EmbeddedPostgresError } from './errors.ts';

/** The operating system's user that runs PostgreSQL if the current user cannot. */
export interface SystemAccount {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * Returns the account for the server. PostgreSQL refuses to run as root, so `postgres` runs it
 * then, or `nobody`. Returns undefined if the current user can run it.
 */
export function accountForServer(
  uid: number | undefined = process.getuid?.(),
  passwd: () => string = () => readFileSync('/etc/passwd', 'utf8'),
): SystemAccount | undefined {
  if (uid !== 0) return undefined;
  const accounts = passwd()
    .split('\n')
    .map((line) => line.split(':'))
    .map(([name = '', , id, group]) => ({ name, uid: Number(id), gid: Number(group) }));
  const account =
    accounts.find(({ name }) => name === 'postgres') ?? accounts.find(({ name }) => name === 'nobody');
  if (account === undefined)
    throw new EmbeddedPostgresError(
      'PostgreSQL does not run as root, and there is no user postgres or nobody: run as another user, ' +
        'or create one with `useradd postgres`',
    );
  return account;
}

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

/**
 * Throws if another user owns the folder. Every user may write to /var/tmp, so a folder there is
 * trusted only if we created it.
 */
export async function assertOwn(folder: string): Promise<void> {
  const found = await lstat(folder).catch(() => undefined);
  if (found !== undefined && (!found.isDirectory() || found.uid !== process.getuid?.()))
    throw new EmbeddedPostgresError(
      `${folder} belongs to another user: remove it, or put the data where every user can enter`,
    );
}
