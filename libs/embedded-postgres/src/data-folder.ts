import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { type SystemAccount, isReachable, assertOwn } from './server-account.ts';
import type { PostgresBinaries } from './binaries.ts';
import { EmbeddedPostgresError } from './errors.ts';

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** A fixed password is enough, because the server listens on loopback only. */
export const defaultCredentials: Credentials = { user: 'millrace', password: 'millrace' };

const elsewhere = '/var/tmp';

/** Returns the folder that a cluster gets outside the wanted place, named after that place. */
function substituteParent(wanted: string): string {
  const name = createHash('sha256').update(resolve(wanted)).digest('hex').slice(0, 16);
  return join(elsewhere, `millrace-postgres-${name}`);
}

/**
 * Returns the places of a cluster that was wanted in this folder: there, or outside if a parent was
 * closed.
 */
export const possibleFolders = (wanted: string): readonly [string, string] => [
  resolve(wanted),
  join(substituteParent(wanted), basename(wanted)),
];

/**
 * Returns the folder where the cluster is or will be: the wanted one, or one under /var/tmp if the
 * server's account cannot enter a parent. Data stay where they were created. Throws if the account
 * can no longer enter that place, because an empty cluster elsewhere would look like data loss.
 */
export async function clusterFolder(wanted: string, account: SystemAccount | undefined): Promise<string> {
  const [folder, substitute] = possibleFolders(wanted);
  if (account === undefined) return folder;
  const reachable = await isReachable(folder, account);
  if ((await clusterVersion(folder)) !== undefined) {
    if (reachable) return folder;
    throw new EmbeddedPostgresError(
      `user ${account.name} can no longer enter ${dirname(folder)}, where PostgreSQL's data are: ` +
        'open its parents to others (chmod o+x)',
    );
  }
  if ((await clusterVersion(substitute)) === undefined && reachable) return folder;
  await assertOwn(dirname(substitute));
  return substitute;
}

/** Deletes the cluster wherever it is, and what an interrupted initdb has left beside it. */
export async function removeClusters(wanted: string): Promise<void> {
  const [folder] = possibleFolders(wanted);
  await rm(folder, { recursive: true, force: true });
  await removeUnfinished(folder);
  await rm(substituteParent(wanted), { recursive: true, force: true });
}

async function removeUnfinished(folder: string): Promise<void> {
  const entries = await readdir(dirname(folder)).catch(() => []);
  const unfinished = entries.filter(
    (name) => name.startsWith(`${basename(folder)}.`) && /\.initdb(\.password)?$/.test(name),
  );
  for (const name of unfinished) await rm(join(dirname(folder), name), { recursive: true, force: true });
}

/** Returns the major version of the cluster in `folder`, or undefined if there is none. */
export const clusterVersion = (folder: string): Promise<string | undefined> =>
  readFile(join(folder, 'PG_VERSION'), 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  );

export interface ClusterOptions {
  readonly binaries: PostgresBinaries;
  readonly account: SystemAccount | undefined;
  readonly credentials: Credentials;
  readonly walSegmentMegabytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs initdb beside the folder and moves the result into place, so that an interrupted one leaves
 * nothing that looks like a cluster.
 */
export async function createCluster(folder: string, options: ClusterOptions): Promise<void> {
  const { account, credentials } = options;
  const parent = dirname(folder);
  const unfinished = `${folder}.${randomBytes(4).toString('hex')}.initdb`;
  const passwordFile = `${unfinished}.password`;
  await removeUnfinished(folder);
  await mkdir(parent, { recursive: true });
  await mkdir(unfinished, { mode: 0o700 });
  await writeFile(passwordFile, `${credentials.password}\n`, { mode: 0o600 });
  if (account !== undefined) {
    await chmod(parent, 0o711); // the account must be able to enter
    await chown(unfinished, account.uid, account.gid);
    await chown(passwordFile, account.uid, account.gid);
  }
  try {
    await runInitdb(unfinished, passwordFile, options);
    await rename(unfinished, folder);
  } finally {
    await rm(passwordFile, { force: true });
    await rm(unfinished, { recursive: true, force: true });
  }
}

function runInitdb(
  folder: string,
  passwordFile: string,
  { binaries, account, credentials, walSegmentMegabytes = 16, signal }: ClusterOptions,
): Promise<void> {
  const options = [
    `--pgdata=${folder}`,
    '--auth=scram-sha-256',
    `--username=${credentials.user}`,
    `--pwfile=${passwordFile}`,
    `--wal-segsize=${walSegmentMegabytes}`,
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-instructions',
  ];
  return new Promise((resolve, reject) => {
    const child = spawn(binaries.initdb, options, {
      ...(account && { uid: account.uid, gid: account.gid }),
      ...(signal && { signal }),
      cwd: '/',
      detached: true, // so that Ctrl-C reaches it only through this process
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const complaints: Buffer[] = [];
    child.stderr.on('data', (chunk: Buffer) => complaints.push(chunk));
    let failure: Error | undefined;
    child.once('error', (error) => (failure = error));
    child.once('close', (code) => {
      const words = Buffer.concat(complaints).toString('utf8').trim().split('\n').slice(-5).join(' | ');
      if (code === 0) resolve();
      else
        reject(
          signal?.aborted === true
            ? signal.reason
            : new EmbeddedPostgresError(`initdb failed in ${folder}: ${failure?.message ?? words}`),
        );
    });
  });
}
