import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import { programEnvironment } from '@millrace/testing/program-command';
import { millrace } from '../cli.fixture.ts';
import { checkDataFolder, checkNode, checkSystem, spaceFinding, type Finding } from './check-machine.ts';

let folder: string;
let held: Server;
let port: number;
let database: TestDatabase;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-doctor-'));
  held = createServer();
  await new Promise<void>((resolve) => void held.listen(0, '127.0.0.1', resolve));
  port = (held.address() as AddressInfo).port;
  database = await createTestDatabase();
});
afterAll(async () => {
  held.close();
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

const apps = join(import.meta.dirname, '../../..');
const services = readdirSync(apps).filter((app) => existsSync(join(apps, app, 'src/migrations')));

/** Any free ports, so that the check does not depend on what else runs on this machine. */
const freePorts = Object.fromEntries(
  ['postgres', 'broker', 'broker-http', 'console', 'keys', 'smtp', ...services].map((name) => [
    `${name.toUpperCase().replaceAll('-', '_')}_PORT`,
    '0',
  ]),
);

async function findings(environment: NodeJS.ProcessEnv, ...args: string[]) {
  const { exitCode, out } = await millrace(['doctor', '--json', '--data', folder, ...args], {
    environment: { ...programEnvironment(), ...freePorts, ...environment },
  });
  return { exitCode, found: JSON.parse(out) as Finding[] };
}

describe('millrace doctor', () => {
  it('Z14 finds nothing wrong where a start would succeed', async () => {
    const { exitCode, found } = await findings({});
    expect(found.filter(({ result }) => result === 'problem')).toEqual([]);
    expect(exitCode).toBe(0);
    expect(found.map(({ check }) => check)).toEqual([
      'Node',
      'system',
      'data folder',
      'disk',
      'stack',
      'settings',
    ]);
  });

  it('Z14 names a taken port, who has it, and the setting that moves it', async () => {
    const { exitCode, found } = await findings({ CONSOLE_PORT: String(port) });
    expect(exitCode).toBe(1);
    expect(found).toContainEqual({
      check: `port ${port}`,
      result: 'problem',
      detail: expect.stringMatching(
        process.platform === 'linux'
          ? `wanted by console, taken by .* \\(process ${process.pid}\\)`
          : 'wanted by console, taken by',
      ),
      remedy: expect.stringContaining('set CONSOLE_PORT'),
    });
  });

  it('checks the ports of the system that has a base port', async () => {
    const data = join(folder, '.millrace-41000');
    const environment = programEnvironment();
    const portsOf = async (...args: string[]) => {
      const { out } = await millrace(['doctor', '--json', ...args], { environment });
      const found = JSON.parse(out) as Finding[];
      return found.flatMap(({ check }) => /^port (\d+)$/.exec(check)?.[1] ?? []);
    };
    const counted = ['41001', '41080', '41084', '41901'];
    expect(await portsOf('--data', data)).toEqual(expect.arrayContaining(counted));
    expect(await portsOf('--data', folder, '--base-port', '41000')).toEqual(expect.arrayContaining(counted));
  });

  it('checks the ports and the settings of optional apps that are named', async () => {
    const taken = { FRAUD_PORT: String(port) };
    expect((await findings(taken)).exitCode).toBe(0);
    expect((await findings(taken, '--with', 'fraud')).found).toContainEqual(
      expect.objectContaining({ check: `port ${port}`, result: 'problem' }),
    );
    const { found } = await findings({ FRAUD_DISTINCT: 'three' }, '--with', 'fraud');
    expect(found.find(({ check }) => check === 'settings')?.detail).toContain('FRAUD_DISTINCT');
  });

  it('Z14 names wrong settings', async () => {
    const { exitCode, found } = await findings({ CONSOLE_PORT: 'x' });
    expect(exitCode).toBe(1);
    expect(found.find(({ check }) => check === 'settings')?.detail).toContain(
      'CONSOLE_PORT=x must be a whole number',
    );
  });

  it('checks brokers and databases that run elsewhere', async () => {
    const environment = {
      KAFKA_BOOTSTRAP_SERVERS: process.env.MILLRACE_TEST_BROKER,
      ORDER_DATABASE_URL: database.url,
    };
    const good = await findings(environment, '--service', 'order=http://127.0.0.1:3001');
    expect(good.exitCode).toBe(0);
    expect(good.found.map(({ check }) => check)).toEqual(
      expect.arrayContaining(['brokers', 'database of order']),
    );

    const url = 'postgres://a:b@127.0.0.1:1/none';
    const bad = await findings(
      { ...environment, ORDER_DATABASE_URL: url },
      '--service',
      'order=http://127.0.0.1:3001',
    );
    expect(bad.exitCode).toBe(1);
    expect(bad.found.find(({ check }) => check === 'database of order')).toMatchObject({ result: 'problem' });
  });

  it('judges versions, systems and disks', () => {
    expect(checkNode('24.0.0').result).toBe('ok');
    expect(checkNode('22.3.0')).toMatchObject({
      result: 'problem',
      remedy: expect.stringContaining('npm ci'),
    });
    expect(checkSystem('linux-arm64').result).toBe('ok');
    expect(checkSystem('win32-x64').result).toBe('problem');
    const free = [3e9, 1e9, 1e8].map((bytes) => spaceFinding(bytes, '/data').result);
    expect(free).toEqual(['ok', 'warning', 'problem']);
  });

  it('names a data folder that cannot be created', () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect(checkDataFolder(join(file, 'data'))[0]).toMatchObject({
      result: 'problem',
      remedy: expect.stringContaining('set MILLRACE_DATA to another folder'),
    });
    rmSync(file);
  });
});
