import { existsSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openDataFolder } from './data-folder.ts';
import { addressesFile, publishAddresses, type PublishedAddresses } from './published-addresses.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-addresses-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const addresses: PublishedAddresses = {
  engine: 'embedded',
  bootstrapServers: '127.0.0.1:9092',
  keysUrl: 'postgres://millrace:millrace@127.0.0.1:2/millrace_keys',
  postgresUrl: 'postgres://millrace:millrace@127.0.0.1:54329',
  databases: { order: ['millrace_order'] },
  instances: { order: 'http://127.0.0.1:3001' },
  operators: { order: 'http://127.0.0.1:3901' },
  supervisor: { url: 'http://127.0.0.1:4001', token: 'secret' },
  mailFolder: '/mail',
  logFolder: '/logs',
};

describe('the published addresses of a stack', () => {
  it('can be read by its user only, until they are removed', () => {
    const remove = publishAddresses(folder, addresses);

    const file = join(folder, addressesFile);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ version: 1, pid: process.pid, ...addresses });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    remove();
    expect(existsSync(file)).toBe(false);
  });

  it('belong to the data folder, which --fresh empties', async () => {
    publishAddresses(folder, addresses);
    const opened = openDataFolder(folder);
    opened.empty();
    opened.release();
    expect(await readdir(folder)).toEqual([]);
  });
});
