import { chmod, chown, cp, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { accountForServer, type SystemAccount } from './account.ts';
import { clusterFolder, clusterVersion } from './data-folder.ts';
import { EmbeddedPostgresError } from './errors.ts';

/** Puts the copy of a cluster where the next start on `wantedFolder` looks for it, as the server's user's. Refused where there is one already. */
export async function placeCluster(copy: string, wantedFolder: string): Promise<void> {
  const account = accountForServer();
  const folder = await clusterFolder(wantedFolder, account);
  if ((await clusterVersion(folder)) !== undefined)
    throw new EmbeddedPostgresError(
      `${folder} has a PostgreSQL cluster already: move it away, or restore to another folder`,
    );
  const unfinished = `${folder}.${process.pid}.initdb`; // removed by the next start if this is interrupted
  await mkdir(dirname(folder), { recursive: true });
  try {
    await cp(copy, unfinished, { recursive: true });
    await rm(join(unfinished, 'postmaster.pid'), { force: true }); // of a server that was killed: its id may be somebody's here
    await own(unfinished, account);
    if (account !== undefined) await chmod(dirname(folder), 0o711); // the account has to pass through
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
