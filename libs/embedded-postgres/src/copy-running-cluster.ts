import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { clusterVersion, defaultCredentials, possibleFolders } from './data-folder.ts';
import { EmbeddedPostgresError } from './errors.ts';
import { readPostmasterFile } from './leftover.ts';

export interface RunningCluster {
  /** `postgres://user:password@127.0.0.1:PORT`, without a database. */
  readonly url: string;
  /**
   * The folder of its files. It is under /var/tmp if the server's user cannot enter the wanted
   * folder's parent.
   */
  readonly dataFolder: string;
}

/**
 * Returns the server that runs on this folder according to its `postmaster.pid`, or undefined if
 * there is none.
 */
export function runningCluster(wantedFolder: string): RunningCluster | undefined {
  for (const dataFolder of possibleFolders(wantedFolder)) {
    const file = readPostmasterFile(dataFolder);
    const { user, password } = defaultCredentials;
    if (file !== undefined)
      return { dataFolder, url: `postgres://${user}:${password}@127.0.0.1:${file.port}` };
  }
  return undefined;
}

/** Returns the folder of the cluster's files. Throws if there is none. */
export async function stoppedCluster(wantedFolder: string): Promise<string> {
  for (const folder of possibleFolders(wantedFolder))
    if ((await clusterVersion(folder)) !== undefined) return folder;
  throw new EmbeddedPostgresError(`${wantedFolder} has no PostgreSQL cluster`);
}

/**
 * Folders that every start recreates, or that are of use only to the running server (PostgreSQL's
 * documentation, 25.3.4.3). The write-ahead log is copied at the end.
 */
const emptyInCopy: ReadonlySet<string> = new Set([
  'pg_wal',
  'pg_replslot',
  'pg_dynshmem',
  'pg_notify',
  'pg_serial',
  'pg_snapshots',
  'pg_stat_tmp',
  'pg_subtrans',
]);
const leftOut = /^(postmaster\.(pid|opts)|pg_internal\.init.*|pgsql_tmp.*|backup_label|tablespace_map)$/;

/**
 * Copies the files of a running cluster with PostgreSQL's own backup functions. A start on the copy
 * recovers as after a crash, and shows all databases as of one moment, the end of the copying.
 * Writers do not wait.
 */
export async function copyRunningCluster({ url, dataFolder }: RunningCluster, to: string): Promise<void> {
  const client = new Client({ connectionString: `${url}/postgres`, application_name: 'millrace-backup' });
  client.on('error', () => undefined); // a lost server already fails the query in flight
  await client.connect();
  try {
    // The slot lasts as long as the connection. Until it ends, no part of the write-ahead log
    // is removed.
    await client.query(
      `SELECT pg_create_physical_replication_slot('millrace_backup_' || pg_backend_pid(), true, true)`,
    );
    await client.query(`SELECT pg_backup_start('millrace', true)`);
    await mkdir(to, { mode: 0o700 });
    await copyFolder(dataFolder, to);
    const { rows } = await client.query<BackupEnd>(
      `SELECT labelfile, spcmapfile, pg_walfile_name(lsn) AS last_segment FROM pg_backup_stop(wait_for_archive => false)`,
    );
    await finish(dataFolder, to, rows[0]!);
  } finally {
    await client.end();
  }
}

interface BackupEnd {
  readonly labelfile: string;
  readonly spcmapfile: string;
  readonly last_segment: string;
}

async function finish(
  from: string,
  to: string,
  { labelfile, spcmapfile, last_segment }: BackupEnd,
): Promise<void> {
  if (spcmapfile.trim() !== '')
    throw new EmbeddedPostgresError(
      `${from} has tablespaces, whose files are elsewhere: they are not copied`,
    );
  const firstSegment = /\(file ([0-9A-F]{24})\)/.exec(labelfile)?.[1];
  if (firstSegment === undefined)
    throw new EmbeddedPostgresError(`PostgreSQL's backup label names no segment: ${labelfile}`);
  const segments = (await readdir(join(from, 'pg_wal'))).filter((name) => /^[0-9A-F]{24}$/.test(name));
  for (const name of segments.filter((segment) => segment >= firstSegment && segment <= last_segment))
    await copyFile(join(from, 'pg_wal', name), join(to, 'pg_wal', name));
  await writeFile(join(to, 'backup_label'), labelfile, { mode: 0o600 });
}

/**
 * Copies a folder whose files appear, grow and disappear meanwhile. Every change that matters is
 * also in the write-ahead log.
 */
async function copyFolder(from: string, to: string, top = true): Promise<void> {
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    if (leftOut.test(entry.name)) continue;
    if (!entry.isDirectory()) {
      await copyFile(source, target).catch(unlessGone);
      continue;
    }
    await mkdir(target, { mode: 0o700 });
    if (top && entry.name === 'pg_wal') await mkdir(join(target, 'archive_status'), { mode: 0o700 });
    if (!(top && emptyInCopy.has(entry.name))) await copyFolder(source, target, false).catch(unlessGone);
  }
}

function unlessGone(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
