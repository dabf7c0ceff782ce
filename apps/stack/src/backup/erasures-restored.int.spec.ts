import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startEmbeddedPostgres } from '@millrace/embedded-postgres';
import { ErasureLedger, erasureLedgerName } from '@millrace/operations/client';
import { createPersonalData, openKeysDatabase, personalDataMigrations } from '@millrace/personal-data';
import { migrate } from '@millrace/streaming-core/postgres';
import { silentLogger, systemClock } from '@millrace/streaming-core/runtime';
import { keysFolder } from '../keys/missing-keys.ts';
import { openDataFolder } from '../setup/data-folder.ts';
import { restoreKeys, takeKeysBackup } from './keys-backup.ts';
import { restoreBackup } from './restore-backup.ts';
import { takeBackup } from './take-backup.ts';

const ada = { holder: 'order', subject: 'ada' };
const zora = { holder: 'order', subject: 'zora' };
const print = () => undefined;
const now = () => new Date('2026-11-20T10:00:00.000Z');

type Keys = ReturnType<typeof createPersonalData>;

/** Works with the keys of a data folder while only their server runs. */
async function withKeys<Result>(dataFolder: string, work: (keys: Keys) => Promise<Result>): Promise<Result> {
  const server = await startEmbeddedPostgres({ dataFolder: keysFolder(dataFolder), port: 0 });
  const database = openKeysDatabase({ url: `${server.url}/postgres`, logger: silentLogger });
  try {
    await migrate(database.database, [{ library: 'personal-data', folder: personalDataMigrations }]);
    return await work(createPersonalData({ database: database.database, clock: systemClock }));
  } finally {
    await database.close();
    await server.stop();
  }
}

const erase = (dataFolder: string, erased: typeof zora) => withKeys(dataFolder, (keys) => keys.erase(erased));

const isErased = (dataFolder: string, { subject }: typeof zora): Promise<boolean> =>
  withKeys(dataFolder, async (keys) => (await keys.progress(subject)).state === 'erased');

describe('an erasure after a backup', () => {
  let root: string;
  let dataFolder: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'millrace-restored-'));
    dataFolder = join(root, 'data');
    const folder = openDataFolder(dataFolder);
    folder.checkVersion();
    folder.release();
    mkdirSync(join(dataFolder, 'broker'));
    writeFileSync(join(dataFolder, 'broker', 'anything'), '');
    const postgres = await startEmbeddedPostgres({ dataFolder: join(dataFolder, 'postgres'), port: 0 });
    await postgres.stop();
    await withKeys(dataFolder, (keys) => keys.keysToSeal([ada, zora]));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  it('R26 is undone by a restore of the keys, and is in the ledger that the restore leaves', async () => {
    const ledger = new ErasureLedger(join(dataFolder, erasureLedgerName));
    const taken = { dataFolder, now, print, ledger };
    ledger.add([{ at: now().toISOString(), subject: 'ada' }]);
    await erase(dataFolder, ada);
    await takeBackup({ ...taken, to: join(root, 'copy') });
    await takeKeysBackup({ ...taken, to: join(root, 'keys') });
    ledger.add([{ at: now().toISOString(), subject: 'zora' }]);
    await erase(dataFolder, zora);

    const restored = join(root, 'restored');
    const kept = new ErasureLedger(join(restored, erasureLedgerName));
    mkdirSync(restored);
    kept.add(ledger.read().filter(({ subject }) => subject === 'zora'));
    await restoreBackup({ from: join(root, 'copy'), dataFolder: restored, print, ledger: kept });
    await restoreKeys({ from: join(root, 'keys'), dataFolder: restored, print });

    expect(await isErased(dataFolder, zora)).toBe(true);
    expect(await isErased(restored, zora)).toBe(false);
    expect(await isErased(restored, ada)).toBe(true);
    expect(kept.read().map(({ subject }) => subject)).toEqual(['zora', 'ada']);
  });
});
