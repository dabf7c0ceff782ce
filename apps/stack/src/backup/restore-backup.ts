import { readdirSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { placeCluster, startEmbeddedPostgres } from '@millrace/embedded-postgres';
import { openDataFolder } from '../setup/data-folder.ts';
import { copiedData, readManifest, toDisk, type Manifest } from './backup-folder.ts';
import { takeBack } from './positions.ts';

export interface RestoreOptions {
  /** A finished backup, which stays as it is. Absolute. */
  readonly from: string;
  /** Absolute; with nothing in it. */
  readonly dataFolder: string;
  readonly print: (line: string) => void;
}

/** Recovery of a large log of changes takes its time. */
const startTimeoutMs = 600_000;

/** Makes a data folder that `npm start` goes on with. Throws one line when it cannot; a folder that is half restored is refused by the next start. */
export async function restoreBackup({ from, dataFolder, print }: RestoreOptions): Promise<Manifest> {
  const manifest = readManifest(from);
  if (existsSync(dataFolder) && readdirSync(dataFolder).some((name) => name !== 'lost+found'))
    throw new Error(`${dataFolder} is not empty: move it away, or set MILLRACE_DATA to another folder`);
  const folder = openDataFolder(dataFolder);
  try {
    const data = copiedData(from);
    const version = join(dataFolder, 'format-version');
    writeFileSync(version, 'of an unfinished restore\n');
    for (const name of readdirSync(data).filter((entry) => !['postgres', 'format-version'].includes(entry)))
      await cp(join(data, name), join(dataFolder, name), { recursive: true });
    const postgres = join(dataFolder, 'postgres');
    await placeCluster(join(data, 'postgres'), postgres);
    print('PostgreSQL recovers what was copied');
    await fitToLog(postgres, manifest, print);
    await toDisk();
    writeFileSync(version, readFileSync(join(data, 'format-version')));
    return manifest;
  } finally {
    folder.release();
  }
}

async function fitToLog(
  dataFolder: string,
  { positions }: Manifest,
  print: RestoreOptions['print'],
): Promise<void> {
  const server = await startEmbeddedPostgres({ dataFolder, port: 0, startTimeoutMs, onNotice: print });
  try {
    await takeBack(server.url, positions);
  } finally {
    await server.stop();
  }
}
