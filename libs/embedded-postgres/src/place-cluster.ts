import { chmod, chown, cp, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { accountForServer, type SystemAccount } from './server-account.ts';
import { clusterFolder, clusterVersion } from './data-folder.ts';
import { EmbeddedPostgresError } from './errors.ts';

/**
 * Puts the copy of a cluster where the next start on `wantedFolder` looks for it, and gives it to
 * the server's user. Throws if there is a cluster already.
 */
export async function placeCluster(copy: string, wantedFolder: string): Promise<void> {
  const account = accountForServer();
  const folder = await clusterFolder(wantedFolder, account);
  if ((await clusterVersion(folder)) !== undefined)
    throw new EmbeddedPostgresError(
      `${folder} already has a PostgreSQL cluster: move it away, or restore to another folder`,
    );
  // The next start removes this folder if the copying is interrupted.
  const unfinished = `${folder}.${process.pid}.initdb`;
  await mkdir(dirname(folder), { recursive: true });
  try {
    await cp(copy, unfinished, { recursive: true });
    // A killed server has left this file, and another process may have its id here.
    await rm(join(unfinished, 'postmaster.pid'), { force: true });
    await own(unfinished, account);
    // The account must be able to enter.
    if (account !== undefined) await chmod(dirname(folder), 0o711);
    await rename(unfinished, folder);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

async function own(folder: string, account: SystemAccount | undefined): Promise<void> {
  await chmod(folder, 0o700);
  if (account === undefined) return;
  await chown(folder, account.uid, account.gid);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await own(path, account);
    else await chown(path, account.uid, account.gid);
  }
}
