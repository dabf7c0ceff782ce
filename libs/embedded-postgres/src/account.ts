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
