import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { SystemAccount } from './account.ts';
import type { PostgresBinaries } from './binaries.ts';
import { isReachable } from './reachable.ts';

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** Where the server's account can write: the wanted folder, or one under /var/tmp named after it when a parent is closed to it. */
export async function reachableFolder(wanted: string, account: SystemAccount | undefined): Promise<string> {
  const folder = resolve(wanted);
  if (account === undefined || (await isReachable(folder, account))) return folder;
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  return join('/var/tmp', `millrace-postgres-${name}`, basename(folder));
}

/** Major version of the cluster in `folder`; undefined when there is none. */
export const clusterVersion = (folder: string): Promise<string | undefined> =>
  readFile(join(folder, 'PG_VERSION'), 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  );

/** Runs initdb beside the folder and moves the result into place: an interrupted one leaves nothing that looks like a cluster. */
export async function createCluster(
  folder: string,
  binaries: PostgresBinaries,
  account: SystemAccount | undefined,
  credentials: Credentials,
): Promise<void> {
  const parent = dirname(folder);
  const unfinished = `${folder}.${randomBytes(4).toString('hex')}.initdb`;
  const passwordFile = `${unfinished}.password`;
  await mkdir(parent, { recursive: true });
  await mkdir(unfinished, { mode: 0o700 });
  await writeFile(passwordFile, `${credentials.password}\n`, { mode: 0o600 });
  if (account !== undefined) {
    await chmod(parent, 0o711); // the account has to pass through
    await chown(unfinished, account.uid, account.gid);
    await chown(passwordFile, account.uid, account.gid);
  }
  try {
    await runInitdb(binaries.initdb, unfinished, passwordFile, account, credentials.user);
    await rename(unfinished, folder);
  } finally {
    await rm(passwordFile, { force: true });
    await rm(unfinished, { recursive: true, force: true });
  }
}

function runInitdb(program: string, folder: string, passwordFile: string, account: SystemAccount | undefined, user: string): Promise<void> {
  const options = [
    `--pgdata=${folder}`,
    '--auth=scram-sha-256',
    `--username=${user}`,
    `--pwfile=${passwordFile}`,
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-instructions',
  ];
  return new Promise((resolve, reject) => {
    const child = spawn(program, options, {
      ...(account && { uid: account.uid, gid: account.gid }),
      cwd: '/',
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const complaints: Buffer[] = [];
    child.stderr.on('data', (chunk: Buffer) => complaints.push(chunk));
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`initdb failed in ${folder}: ${Buffer.concat(complaints).toString('utf8').trim()}`)),
    );
  });
}
